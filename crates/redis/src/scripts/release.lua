-- Gives the lease back if it is still the caller's.
-- KEYS: lease. ARGV: owner.
local held = redis.call('GET', KEYS[1])
if held and string.match(held, '^(%x+):') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
