-- point: make an alias stand for a model, in one step: whoever asks meets the old one or the new one, never none.
-- KEYS: alias, index of aliases, sequence of aliases, model      ARGV: name, model id
-- Gives 1 (the alias is new) · 0 (it stood for something before) · nil (there is no such model)
if redis.call('EXISTS', KEYS[4]) == 0 then return nil end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local revision = redis.call('INCR', KEYS[3])  -- of all aliases: one that was deleted and made again is another
local new = redis.call('HSETNX', KEYS[1], 'created_at', now)
if new == 1 then redis.call('ZADD', KEYS[2], revision, ARGV[1]) end
redis.call('HSET', KEYS[1], 'name', ARGV[1], 'model_id', ARGV[2], 'updated_at', now, 'revision', revision)
return new
