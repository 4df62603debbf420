-- add_model: write the record of a model that came from outside, once.
-- KEYS: model, index of models, sequence of models      ARGV: model id, then the model's own fields and values
-- Gives 1, or 0 when it was there already.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local time = redis.call('TIME')
local place = redis.call('INCR', KEYS[3])
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'created_at', time[1] * 1000 + math.floor(time[2] / 1000), 'revision', 1,
  'place', place, unpack(ARGV, 2))
redis.call('ZADD', KEYS[2], place, ARGV[1])
return 1
