-- take: give a batcher's answers to those who asked, and give the batcher the next lane's requests. Lanes take turns;
-- what is left in one waits for its next turn.
-- KEYS: turns, batchers
-- ARGV: batcher, its lease in ms, how long answers are kept in ms, prefix of the lanes' lists,
--       most requests (0: only answer), most bytes, how the lanes end that are left alone ("": none are),
--       then by process: its list of replies, how many, and those
-- Gives the time in ms, then the lane and its requests; without a lane none waits.
local at = 8
while at < #ARGV do
  local count = tonumber(ARGV[at + 1])
  redis.call('RPUSH', ARGV[at], unpack(ARGV, at + 2, at + 1 + count))
  redis.call('PEXPIRE', ARGV[at], ARGV[3])
  at = at + 2 + count
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREM', KEYS[2], 'wake-up')
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
local most, bytes = tonumber(ARGV[5]), tonumber(ARGV[6])
if most == 0 then return {now} end
local function next_lane()
  if ARGV[7] == '' then return redis.call('LPOP', KEYS[1]) end
  for _, lane in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
    if string.sub(lane, -#ARGV[7]) ~= ARGV[7] then
      redis.call('LREM', KEYS[1], 1, lane)
      return lane
    end
  end
end
while true do
  local lane = next_lane()
  if not lane then return {now} end
  local list, answer = ARGV[4] .. lane, {now, lane}
  while #answer < most + 2 and bytes > 0 do
    local request = redis.call('LPOP', list)
    if not request then break end
    answer[#answer + 1] = request
    bytes = bytes - tonumber(string.match(request, '^%d+\n(%d+)'))  -- of its body, wherever that is
  end
  if #answer > 2 then
    if redis.call('EXISTS', list) == 1 and not redis.call('LPOS', KEYS[1], lane) then
      redis.call('RPUSH', KEYS[1], lane)
    end
    return answer
  end
end
