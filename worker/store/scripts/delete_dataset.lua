-- delete_dataset: take a data set's record away, unless a job waits to train on it, or does.
-- KEYS: data set, events, set of those who read from the same upload, then all its indexes, last the index of queued jobs and that of running jobs
-- ARGV: id, what the key of a job begins with
-- Gives {'deleted', 1 when nobody reads from that upload any more} · {'missing'} · {'in use', id of the job}
for place = #KEYS - 1, #KEYS do
  for _, job in ipairs(redis.call('ZRANGE', KEYS[place], 0, -1)) do
    if redis.call('HGET', ARGV[2] .. job, 'dataset') == ARGV[1] then return {'in use', job} end
  end
end
for place = 4, #KEYS - 2 do redis.call('ZREM', KEYS[place], ARGV[1]) end
redis.call('DEL', KEYS[2])
if redis.call('DEL', KEYS[1]) == 0 then return {'missing'} end
redis.call('SREM', KEYS[3], ARGV[1])
return {'deleted', 1 - redis.call('EXISTS', KEYS[3])}
