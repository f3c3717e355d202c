-- Takes the lease unless somebody has it.
-- KEYS: lease, number of the last lease. ARGV: owner, lifetimes of both in milliseconds.
-- Answers the number of the lease, or 0, and how long the lease that there is still lasts.
local held = redis.call('GET', KEYS[1])
if held then
  -- Already the caller's if the answer to a first try was lost.
  local owner, number = string.match(held, '^(%x+):(%d+)$')
  if owner == ARGV[1] then
    return {tonumber(number), 0}
  end
  return {0, redis.call('PTTL', KEYS[1])}
end
local number = redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. number, 'PX', ARGV[2])
return {number, 0}
