-- Prolongs the lease from now on, if it is still the caller's.
-- KEYS: lease. ARGV: the caller's lease, lifetime in milliseconds.
-- Returns 1 if so, 0 if there is no lease any more, and -1 if another owner has it.
local held = redis.call('GET', KEYS[1])
if not held then
  return 0
end
if held ~= ARGV[1] then
  return -1
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
