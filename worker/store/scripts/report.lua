-- report: write progress and metrics of a running job and, at the end of an epoch, the event that tells it, in one step.
-- KEYS: job, events
-- ARGV: token, progress as JSON, metrics as JSON, the event's data as JSON ('' for none)
-- Gives 1, or 0 when the token is not the job's any more: nothing was written.
local record = redis.call('HMGET', KEYS[1], 'status', 'token')
if record[1] ~= 'running' or record[2] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'progress', ARGV[2], 'metrics', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'revision', 1)
if ARGV[4] ~= '' then redis.call('XADD', KEYS[2], '*', 'event', 'epoch', 'data', ARGV[4]) end
return 1
