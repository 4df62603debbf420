-- queue_position: what tells when the turn of waiting jobs comes, all of one moment.
-- KEYS: index of queued jobs, index of running jobs, index of succeeded jobs, workers of the queue by when they signed
-- ARGV: how many of the jobs that succeeded last tell what a job takes, seconds after which a worker is gone, what the key
--       of a job begins with, then the jobs' IDs
-- Gives their places, -1 for one that does not wait · the progress of those that run · start and end of those that
-- succeeded last · how many workers there are
local time = redis.call('TIME')
local places, progress, times = {}, {}, {}
for at = 4, #ARGV do places[#places + 1] = redis.call('ZRANK', KEYS[1], ARGV[at]) or -1 end
for _, job in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  progress[#progress + 1] = redis.call('HGET', ARGV[3] .. job, 'progress') or ''
end
for _, job in ipairs(redis.call('ZRANGE', KEYS[3], -ARGV[1], -1)) do
  times[#times + 1] = redis.call('HMGET', ARGV[3] .. job, 'started_at', 'finished_at')
end
return {places, progress, times, redis.call('ZCOUNT', KEYS[4], time[1] + time[2] / 1e6 - ARGV[2], '+inf')}
