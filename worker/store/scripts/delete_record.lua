#!lua flags=allow-oom
-- needs ending
-- delete_record: take a record away, and what is in Redis for it, unless it is in a state in which that may not be.
-- KEYS: record, events, its places in sorted sets …
-- ARGV: id, then the states in which it stays
-- Gives {'deleted'} · {'missing'} · {'stays', its state}
local record = redis.call('HMGET', KEYS[1], 'status', 'idempotency')
if not record[1] then return {'missing'} end
for place = 2, #ARGV do
  if record[1] == ARGV[place] then return {'stays', record[1]} end
end
for place = 3, #KEYS do redis.call('ZREM', KEYS[place], ARGV[1]) end
if record[2] then redis.call('DEL', record[2]) end
if record[1] == 'queued' then ended(KEYS[1]) end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[1] .. ':children')
return {'deleted'}
