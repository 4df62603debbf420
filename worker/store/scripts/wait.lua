#!lua flags=allow-oom
-- needs ending
-- wait: a running record waits for children, which are written in the same step; it occupies no worker meanwhile.
-- KEYS: record, events, leases, index of running records, the list of its children
-- ARGV: id, token, key that its indexes begin with, then for each child: its id, the key that records of its kind begin
--       with, the key that their indexes begin with, how many fields and values follow, and those
-- Gives the status that now stands ('running': a cancel came first, and the owner ends it), or nil when the token is not
-- the record's any more: nothing was written. A child that was there already is not written again.
local record = redis.call('HMGET', KEYS[1], 'status', 'token', 'place', 'cancel_requested_at')
if record[2] ~= ARGV[2] then return nil end
if record[1] ~= 'running' or record[4] then return record[1] end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local pending, at = 0, 4
while at <= #ARGV do
  local id, child, index, fields = ARGV[at], ARGV[at + 1] .. ARGV[at], ARGV[at + 2], tonumber(ARGV[at + 3])
  local status = redis.call('HGET', child, 'status')
  if not status then
    local place = redis.call('INCR', index .. ':sequence')
    redis.call('HSET', child, 'id', id, 'status', 'queued', 'created_at', now, 'attempt', 0, 'token', 0, 'revision', 1,
      'place', place, 'parent', KEYS[1], 'index', index, unpack(ARGV, at + 4, at + 3 + fields))
    redis.call('ZADD', index, place, id)
    redis.call('ZADD', index .. ':queued', place, id)
    redis.call('XADD', child .. ':events', '*', 'event', 'queued', 'data', '{}')
    redis.call('RPUSH', KEYS[5], child)
    status = 'queued'
  end
  if status == 'queued' or status == 'running' or status == 'waiting' then pending = pending + 1 end
  at = at + 4 + fields
end
redis.call('HINCRBY', KEYS[1], 'revision', 1)
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
local status = pending > 0 and 'waiting' or 'queued'
redis.call('HSET', KEYS[1], 'status', status, 'pending', pending, 'index', ARGV[3], 'attempt', 0)
redis.call('ZADD', ARGV[3] .. ':' .. status, record[3], ARGV[1])
redis.call('XADD', KEYS[2], '*', 'event', status, 'data', cjson.encode({children = pending}))
return status
