#!lua flags=allow-oom
-- needs ending
-- cancel: ask for a record's end. A queued one ends here; a running one is told at its next step; a finished one stays.
-- One that waits for its children ends with them. One that no worker ever took is told for a short time only, and so are
-- no more than a certain number.
-- KEYS: record, events, index of queued ones, index of cancelled ones, index, those that no worker took, index of waiting
--       ones
-- ARGV: id, retention in ms, that of one that no worker took, how many of those are kept, what the key of a record begins with
-- Gives the status that now stands, or nil when there is no such record.
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return nil end
if status ~= 'queued' and status ~= 'running' and status ~= 'waiting' then return status end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HSETNX', KEYS[1], 'cancel_requested_at', now) == 0 then return status end
redis.call('HINCRBY', KEYS[1], 'revision', 1)
if status == 'running' then
  redis.call('XADD', KEYS[2], '*', 'event', 'cancel_requested', 'data', '{}')
  return status
end
redis.call('HSET', KEYS[1], 'status', 'cancelled', 'finished_at', now)
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[7], ARGV[1])
redis.call('ZADD', KEYS[4], redis.call('HGET', KEYS[1], 'place'), ARGV[1])
redis.call('XADD', KEYS[2], '*', 'event', 'cancelled', 'data', '{}')
if status == 'waiting' then cancel_children(KEYS[1], now, ARGV[2]) end
ended(KEYS[1])
if redis.call('HEXISTS', KEYS[1], 'started_at') == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
  redis.call('PEXPIRE', KEYS[1] .. ':children', ARGV[2])
  return 'cancelled'
end
local idempotency = redis.call('HGET', KEYS[1], 'idempotency')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
if idempotency then redis.call('PEXPIRE', idempotency, ARGV[3]) end
redis.call('ZADD', KEYS[6], time[1] * 1000000 + time[2], ARGV[1])  -- in µs: two in one ms have an order
for _ = 1, redis.call('ZCARD', KEYS[6]) - ARGV[4] do
  local oldest = redis.call('ZPOPMIN', KEYS[6])[1]
  local key = ARGV[5] .. oldest
  idempotency = redis.call('HGET', key, 'idempotency')
  if idempotency then redis.call('DEL', idempotency) end
  redis.call('DEL', key, key .. ':events')
  redis.call('ZREM', KEYS[4], oldest)
  redis.call('ZREM', KEYS[5], oldest)
end
return 'cancelled'
