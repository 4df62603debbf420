#!lua flags=allow-oom
-- report: write progress and metrics of a running job, its newest checkpoint and, at the end of an epoch, the event that
-- tells it, in one step. An epoch that is trained again after a crash is told once.
-- KEYS: job, events
-- ARGV: token, progress as JSON, metrics as JSON, the event's data as JSON ('' for none), number of the epoch that it tells,
--       the checkpoint as JSON ('' for none; the one before stays beside it)
-- Gives 1, or 0 when the token is not the job's any more: nothing was written.
local record = redis.call('HMGET', KEYS[1], 'status', 'token', 'checkpoint', 'told')
if record[1] ~= 'running' or record[2] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'progress', ARGV[2], 'metrics', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'revision', 1)
if ARGV[6] ~= '' and ARGV[6] ~= record[3] then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'checkpoint', ARGV[6], 'checkpoint_before', record[3] or '',
    'checkpointed_at', time[1] * 1000 + math.floor(time[2] / 1000))
end
if ARGV[4] ~= '' and tonumber(ARGV[5]) > tonumber(record[4] or 0) then
  redis.call('HSET', KEYS[1], 'told', ARGV[5])
  redis.call('XADD', KEYS[2], '*', 'event', 'epoch', 'data', ARGV[4])
end
return 1
