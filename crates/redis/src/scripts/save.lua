-- Replaces the record, if the caller may.
-- KEYS: record, lease. ARGV: the caller's lease, or ''; the stamp that the record must have, '' if there
-- must be none, '*' if it does not matter; the new stamp; the record's lifetime in milliseconds, or '';
-- the token.
-- Answers a word and the version that the record has now.
local current = redis.call('GET', KEYS[1])
local version, stamp = '0', ''
if current then
  version, stamp = string.match(current, '^tegata 1 (%d+) (%x+) ')
  if not version then
    return {'foreign', '0'}
  end
  -- Already done if the answer to a first try was lost.
  if stamp == ARGV[3] then
    return {'saved', version}
  end
end
if ARGV[1] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return {'lost', version}
end
if current and ARGV[2] ~= '*' and ARGV[2] ~= stamp then
  return {'moved', version}
end
version = string.format('%.0f', tonumber(version) + 1)
local record = 'tegata 1 ' .. version .. ' ' .. ARGV[3] .. ' ' .. ARGV[5]
if ARGV[4] == '' then
  redis.call('SET', KEYS[1], record)
else
  redis.call('SET', KEYS[1], record, 'PX', ARGV[4])
end
return {'saved', version}
