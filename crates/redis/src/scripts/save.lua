-- Replaces the record, if the caller may.
-- KEYS: record, lease. ARGV: the caller's lease, or ''; the stamp that the record must have, '' if there
-- must be none, '*' if it does not matter; the new stamp; the new version; the record's lifetime in
-- milliseconds, or ''; the record.
-- Returns a word and the stored version.
local current = redis.call('GET', KEYS[1])
local format, version, stamp = nil, '0', ''
if current then
  format, version, stamp = string.match(current, '^tegata ([12]) (%d+) (%x+) ')
  if not format then
    return {'foreign', '0'}
  end
  -- Already done if the answer to an earlier try was lost.
  if stamp == ARGV[3] then
    return {'saved', version}
  end
end
if ARGV[1] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return {'lost', version}
end
if current then
  -- The first half of a stamp names the store that wrote it. A caller may replace its own record, since the
  -- answer to that save may have been lost.
  local own = string.sub(stamp, 1, 16) == string.sub(ARGV[3], 1, 16)
  if ARGV[2] ~= '*' and ARGV[2] ~= stamp and not own then
    return {'moved', version}
  end
  if tonumber(ARGV[4]) < tonumber(version) then
    return {'older', version}
  end
end
local record = 'tegata 2 ' .. ARGV[4] .. ' ' .. ARGV[3] .. ' ' .. ARGV[6]
if ARGV[5] == '' then
  redis.call('SET', KEYS[1], record)
else
  redis.call('SET', KEYS[1], record, 'PX', ARGV[5])
end
return {'saved', ARGV[4]}
