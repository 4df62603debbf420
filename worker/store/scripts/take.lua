-- take: give a drainer the next model's requests. Models take turns; what is left of one waits for its next turn.
-- KEYS: turns, drainers
-- ARGV: drainer, its lease in ms, prefix of the lists of pending requests, most requests, most bytes
-- Gives the time in ms, then the model and its requests; without a model none waits.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREM', KEYS[2], 'wake-up')
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
local model = redis.call('LPOP', KEYS[1])
if not model then return {now} end
local list, most, bytes = ARGV[3] .. model, tonumber(ARGV[4]), tonumber(ARGV[5])
local answer = {now, model}
while #answer < most + 2 and bytes > 0 do
  local request = redis.call('LPOP', list)
  if not request then return answer end
  answer[#answer + 1] = request
  bytes = bytes - #request
end
if redis.call('EXISTS', list) == 1 then redis.call('RPUSH', KEYS[1], model) end
return answer
