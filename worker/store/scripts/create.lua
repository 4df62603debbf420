-- create: write the record of a new job, once for each idempotency key, unless the queue is full.
-- KEYS: job, index, index of queued jobs, sequence, events, idempotency, then where it reads what others may read too: the
--       set of those who do
-- ARGV: id, most that may be queued, idempotency fingerprint ('' without a key), its lifetime in ms,
--       '1' when that set must have a member already, then the record's own fields and values
-- Gives {'created', the record} · {'exists', the first one's record} · {'conflict'} · {'full', how many wait} · {'alone'}
local id, most, fingerprint, lifetime = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
if fingerprint ~= '' then
  local earlier = redis.call('HMGET', KEYS[6], 'id', 'fingerprint')
  local prefix = string.sub(KEYS[1], 1, -1 - #id)
  if earlier[1] and redis.call('EXISTS', prefix .. earlier[1]) == 1 then
    if earlier[2] == fingerprint then return {'exists', redis.call('HGETALL', prefix .. earlier[1])} end
    return {'conflict'}
  end
end
local waiting = redis.call('ZCARD', KEYS[3])
if waiting >= most then return {'full', waiting} end
if KEYS[7] and ARGV[5] == '1' and redis.call('EXISTS', KEYS[7]) == 0 then return {'alone'} end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local place = redis.call('INCR', KEYS[4])
redis.call('HSET', KEYS[1], 'id', id, 'status', 'queued', 'created_at', now, 'attempt', 0, 'token', 0, 'revision', 1,
  'place', place, unpack(ARGV, 6))
redis.call('ZADD', KEYS[2], place, id)
redis.call('ZADD', KEYS[3], place, id)
redis.call('XADD', KEYS[5], '*', 'event', 'queued', 'data', '{}')
if KEYS[7] then redis.call('SADD', KEYS[7], id) end
if fingerprint ~= '' then
  redis.call('HSET', KEYS[1], 'idempotency', KEYS[6])
  redis.call('HSET', KEYS[6], 'id', id, 'fingerprint', fingerprint)
  redis.call('PEXPIRE', KEYS[6], lifetime)
end
return {'created', redis.call('HGETALL', KEYS[1])}
