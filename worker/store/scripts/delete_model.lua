-- delete_model: take a model's record away, unless an alias stands for it.
-- KEYS: model, index of models, index of aliases      ARGV: model id, what the key of an alias begins with
-- Gives {'deleted'} · {'missing'} · {'in use', name of the alias}
for _, name in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  if redis.call('HGET', ARGV[2] .. name, 'model_id') == ARGV[1] then return {'in use', name} end
end
redis.call('ZREM', KEYS[2], ARGV[1])
return {redis.call('DEL', KEYS[1]) == 1 and 'deleted' or 'missing'}
