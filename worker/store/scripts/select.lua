#!lua flags=allow-oom
-- select: walk along an order of jobs, from a job on, and give the IDs of those that are sought. Looks at so many at most.
-- KEYS: the order (sorted set), index of all jobs
-- ARGV: what the key of a job begins with, '1' when the order is one of places in the index, '1' from the greatest on,
--       the job after which to begin ('' at the beginning), how many to look at, how many are wanted, what is sought as
--       JSON: {status, dataset, name, metadata: [key, text], words}, each left out where any will do; where name or metadata
--       is there, `hints` are what a job's text then has, so that few configs are decoded
-- Gives {'found', 1 at the order's end, ID of the last that was looked at, IDs …} · {'missing'}: the job after which to
-- begin is not in the order. What has expired is taken out of the order and the index on the way.
local prefix, by_place, reversed, after = ARGV[1], ARGV[2] == '1', ARGV[3] == '1', ARGV[4]
local most, wanted, sought = tonumber(ARGV[5]), tonumber(ARGV[6]), cjson.decode(ARGV[7])

local first = 0
if after ~= '' then
  local rank = redis.call(reversed and 'ZREVRANK' or 'ZRANK', KEYS[1], after)
  if rank then
    first = rank + 1
  else
    -- It stood in this state before, and has left it since: its place in the index tells where that was.
    local place = by_place and redis.call('ZSCORE', KEYS[2], after)
    if not place then return {'missing'} end
    if reversed then
      first = redis.call('ZCOUNT', KEYS[1], place, '+inf')
    else
      first = redis.call('ZCOUNT', KEYS[1], '-inf', place)
    end
  end
end

local function is_sought(id, record)
  if sought.status and record[1] ~= sought.status then return false end
  if sought.dataset and record[2] ~= sought.dataset then return false end
  if sought.words then
    for _, word in ipairs(sought.words) do
      -- Shorter words stand by chance in many IDs: to seek a network of 256 units would find those.
      local in_id = #word >= 6 and string.find(id, word, 1, true)
      if not (in_id or string.find(record[3] or '', word, 1, true)) then return false end
    end
  end
  if sought.hints then
    for _, hint in ipairs(record[3] and sought.hints or {}) do
      if not string.find(record[3], hint, 1, true) then return false end
    end
    local config = cjson.decode(redis.call('HGET', prefix .. id, 'config'))
    if sought.name and config.name ~= sought.name then return false end
    if sought.metadata and (config.metadata or {})[sought.metadata[1]] ~= sought.metadata[2] then return false end
  end
  return true
end

local members = redis.call(reversed and 'ZREVRANGE' or 'ZRANGE', KEYS[1], first, first + most - 1)
local answer, gone, looked_at = {'found', 0, after}, {}, 0
for _, id in ipairs(members) do
  local record = redis.call('HMGET', prefix .. id, 'status', 'dataset', 'text')
  looked_at = looked_at + 1
  if not record[1] then
    gone[#gone + 1] = id
  else
    answer[3] = id
    if is_sought(id, record) then answer[#answer + 1] = id end
    if #answer == 3 + wanted then break end
  end
end
if looked_at == #members and #members < most then answer[2] = 1 end
if #gone > 0 then
  redis.call('ZREM', KEYS[1], unpack(gone))
  redis.call('ZREM', KEYS[2], unpack(gone))
end
return answer
