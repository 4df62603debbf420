-- wrk: so many requests a second, whatever the server does, and how long each was waited for, by status.
--
-- One thread has one connection, so that an answer belongs to the request before it. A thread sends one request in each
-- interval, at a moment of its own; one that is late sends at once. Arguments after `--`: the body's file, requests a
-- second of one thread, and how many threads there are. Prints a line `status milliseconds` for each request.
local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long ns; } paced_time; int clock_gettime(int, paced_time *);")
local time = ffi.new("paced_time")
local threads = {}

local function now()
  ffi.C.clock_gettime(1, time)  -- CLOCK_MONOTONIC
  return tonumber(time.s) * 1e3 + tonumber(time.ns) / 1e6
end

function setup(thread)
  thread:set("number", #threads)
  threads[#threads + 1] = thread
end

function init(arguments)
  local file = io.open(arguments[1])
  request_text = wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, file:read("*a"))
  file:close()
  interval = 1e3 / arguments[2]
  due = now() + 1e3 + interval * number / arguments[3]  -- after a second, in which all connections are made
  found = {}
end

function delay()
  local wait = due - now()
  due = due + interval
  return math.max(0, math.floor(wait + 0.5))
end

function request()
  sent = now()
  return request_text
end

function response(status)
  found[#found + 1] = string.format("%d %.3f", status, now() - sent)
end

function done()
  for _, thread in ipairs(threads) do
    for _, line in ipairs(thread:get("found")) do print(line) end
  end
end
