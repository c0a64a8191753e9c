"""The script that fills queues of a core layer, each as far as its capacity allows."""

from redis.exceptions import NoPermissionError, ReadOnlyError, ResponseError

# The commands, and what they are given, are those of `group_send`: one user may run both.
PUT = b"""
local taken, at = {}, 3
for i, key in ipairs(KEYS) do
    local capacity, count = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    redis.call('ZREMRANGEBYSCORE', key, 0, ARGV[2])
    local free = capacity - redis.call('ZCOUNT', key, '-inf', '+inf')
    local some = math.max(0, math.min(free, count))
    for each = 1, some do
        redis.call('ZADD', key, ARGV[at + 2 * each], ARGV[at + 2 * each + 1])
    end
    if some > 0 then
        redis.call('EXPIRE', key, ARGV[1])
    end
    taken[i] = some
    at = at + 2 + 2 * count
end
return taken
"""


def did_nothing(refusal: ResponseError) -> bool:
    """Tell whether the script was surely refused before it put anything anywhere."""
    if isinstance(refusal, NoPermissionError):
        return "script" not in str(refusal)
    return isinstance(refusal, ReadOnlyError) or str(refusal).startswith(
        ("OOM ", "MISCONF ", "CLUSTERDOWN ", "CROSSSLOT ", "MOVED ", "unknown command")
    )
