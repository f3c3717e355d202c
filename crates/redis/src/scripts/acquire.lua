-- Takes the lease unless another owner has it.
-- KEYS: lease, number of the last lease. ARGV: owner, lifetimes of both in milliseconds.
-- Returns the number of the lease, or 0, and the remaining time of the present lease.
-- An owner is the name of a store in 16 digits, and the number of its turn in 16 more.
local held = redis.call('GET', KEYS[1])
if held then
  -- Already the caller's if the answer to a first try was lost.
  local owner, number = string.match(held, '^(%x+):(%d+)$')
  if owner == ARGV[1] then
    return {tonumber(number), 0}
  end
  -- A store has one turn at a time, so its earlier turn has ended, and only the release failed.
  local mine = owner and string.sub(owner, 1, 16) == string.sub(ARGV[1], 1, 16)
  if not mine or tonumber(string.sub(owner, 17)) > tonumber(string.sub(ARGV[1], 17)) then
    return {0, redis.call('PTTL', KEYS[1])}
  end
end
local number = redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. number, 'PX', ARGV[2])
return {number, 0}
