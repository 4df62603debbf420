-- delete_model: take a model's record away, unless an alias stands for it, or a job waits to learn from it, or does.
-- KEYS: model, index of models, index of aliases, index of queued jobs, index of running jobs
-- ARGV: model id, what the key of an alias begins with, what the key of a job begins with
-- Gives {'deleted'} · {'missing'} · {'in use', 'alias' or 'job', its name or id}
for _, name in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  if redis.call('HGET', ARGV[2] .. name, 'model_id') == ARGV[1] then return {'in use', 'alias', name} end
end
for place = 4, 5 do
  for _, job in ipairs(redis.call('ZRANGE', KEYS[place], 0, -1)) do
    local teachers = redis.call('HGET', ARGV[3] .. job, 'teachers') or ''
    if string.find(' ' .. teachers .. ' ', ' ' .. ARGV[1] .. ' ', 1, true) then return {'in use', 'job', job} end
  end
end
redis.call('ZREM', KEYS[2], ARGV[1])
return {redis.call('DEL', KEYS[1]) == 1 and 'deleted' or 'missing'}
