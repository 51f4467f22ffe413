using System.Globalization;
using System.Net;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// What the host still lets one installation ask, by the host's own figures. At zero nothing is asked before the stated time. Read and
/// written by several callers at once.
/// </summary>
internal sealed class Budget(TimeProvider time)
{
    /// <summary>What the host counts by itself: REST, GraphQL.</summary>
    public const string Core = "core", Graph = "graphql";

    /// <summary>The host lets 500 an hour be made of what notifies people or fills lists.</summary>
    public const int MostContent = 500;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    /// <summary>The host lets 80 be made in a minute; what people do by hand in the App's name needs room too.</summary>
    private const int MostWritesAMinute = 60;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Unstated = TimeSpan.FromSeconds(60);
    private readonly Lock gate = new();
    private readonly Dictionary<string, Bucket> buckets = [];
    private readonly Queue<long> content = [];
    private readonly Queue<long> writes = [];
    private DateTimeOffset quietUntil;
    private int rebukes;

    private sealed record Bucket(int Limit, int Remaining, DateTimeOffset Until);

    /// <summary>Raised with the moment from which may be asked again.</summary>
    public event Action<DateTimeOffset>? Spent;

    /// <summary>How many requests the host has counted.</summary>
    public int Counted { get; private set; }

    /// <summary>Points that GraphQL has cost.</summary>
    public int Points { get; private set; }

    /// <summary>Until when nothing of this kind may be asked; null when it may.</summary>
    public DateTimeOffset? ClosedUntil(string kind)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var until = buckets.TryGetValue(kind, out var bucket) && bucket.Remaining == 0 && bucket.Until > quietUntil ? bucket.Until : quietUntil;
            return until > now ? until : null;
        }
    }

    /// <summary>Whether less than a fifth is left: then only what a landing needs is asked.</summary>
    public bool IsShort(string kind)
    {
        lock (gate)
            return buckets.TryGetValue(kind, out var bucket) && bucket.Until > time.GetUtcNow() && bucket.Remaining < bucket.Limit / 5;
    }

    /// <summary>Whether something may still be made in this hour; what can wait is left half of it.</summary>
    public bool MayMake(bool canWait)
    {
        lock (gate)
        {
            while (writes.TryPeek(out var first) && time.GetElapsedTime(first) > Minute)
                writes.Dequeue();
            if (writes.Count >= MostWritesAMinute)
                return false;
            while (content.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > Hour)
                content.Dequeue();
            return content.Count < (canWait ? MostContent / 4 : MostContent - 20);
        }
    }

    /// <summary>Takes note of an answer's figures. Answers until when nothing is to be asked, where this answer says so.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="writes">Whether it was asked to write something.</param>
    /// <param name="makes">Whether that fills lists or notifies people.</param>
    /// <param name="text">The answer's text.</param>
    public DateTimeOffset? Note(HttpResponseMessage answer, bool writes, bool makes, string text)
    {
        DateTimeOffset? closed = null;
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (answer.StatusCode is not HttpStatusCode.NotModified)
                Counted++;
            if (writes)
                this.writes.Enqueue(time.GetTimestamp());
            if (makes && answer.IsSuccessStatusCode)
                content.Enqueue(time.GetTimestamp());
            if (Number(answer, "x-ratelimit-remaining") is { } remaining && Number(answer, "x-ratelimit-reset") is { } reset && Number(answer, "x-ratelimit-limit") is { } limit)
                buckets[Text(answer, "x-ratelimit-resource") ?? Core] = new((int)limit, (int)remaining, now + (DateTimeOffset.FromUnixTimeSeconds(reset) - (answer.Headers.Date ?? now)));
            if (answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests or HttpStatusCode.OK && Rebuke(answer, text, now) is { } until)
                closed = quietUntil = until > quietUntil ? until : quietUntil;
            else if (answer.IsSuccessStatusCode)
                rebukes = 0;
        }

        if (closed is { } at)
            Spent?.Invoke(at);
        return closed;
    }

    /// <summary>What a GraphQL answer says of its own cost; and, where it says that all is spent, until when.</summary>
    public void NoteCost(RateDto? rate, DateTimeOffset? date)
    {
        if (rate is null)
            return;
        lock (gate)
        {
            Points += rate.Cost;
            buckets[Graph] = new(buckets.GetValueOrDefault(Graph)?.Limit ?? rate.Remaining + rate.Cost, rate.Remaining, time.GetUtcNow() + (rate.ResetAt - (date ?? time.GetUtcNow())));
        }
    }

    /// <summary>GraphQL said, with a fine status, that its points are spent.</summary>
    public DateTimeOffset SpentPoints()
    {
        DateTimeOffset until;
        lock (gate)
        {
            var known = buckets.GetValueOrDefault(Graph);
            until = known?.Until > time.GetUtcNow() ? known.Until : time.GetUtcNow() + Unstated;
            buckets[Graph] = new(known?.Limit ?? 0, 0, until);
        }

        Spent?.Invoke(until);
        return until;
    }

    /// <summary>The figures for the page.</summary>
    public string Figures
    {
        get
        {
            lock (gate)
            {
                var now = time.GetUtcNow();
                var left = buckets.Where(bucket => bucket.Value.Until > now).OrderBy(bucket => bucket.Key, StringComparer.Ordinal)
                    .Select(bucket => string.Create(CultureInfo.InvariantCulture, $"{bucket.Value.Remaining} of {bucket.Value.Limit} {(bucket.Key == Graph ? "points" : "requests")} left until {bucket.Value.Until:HH:mm} UTC"));
                var made = string.Create(CultureInfo.InvariantCulture, $"{content.Count(at => time.GetElapsedTime(at) <= Hour)} of {MostContent} comments and reports made in this hour");
                return string.Join(", ", [.. left, made, .. (quietUntil > now ? [$"nothing is asked before {quietUntil:HH:mm:ss} UTC"] : Array.Empty<string>())]);
            }
        }
    }

    private DateTimeOffset? Rebuke(HttpResponseMessage answer, string text, DateTimeOffset now)
    {
        if (answer.Headers.RetryAfter is { } asked && answer.StatusCode is not HttpStatusCode.OK)
            return now + (asked.Delta ?? (asked.Date - (answer.Headers.Date ?? now)) ?? Unstated);
        if (answer.StatusCode is not HttpStatusCode.OK && Number(answer, "x-ratelimit-remaining") is 0 && Number(answer, "x-ratelimit-reset") is { } reset)
            return now + (DateTimeOffset.FromUnixTimeSeconds(reset) - (answer.Headers.Date ?? now));
        var secondary = text.Length < 4096 && (answer.StatusCode is not HttpStatusCode.OK || Wire.IsRefusal(text)) && (text.Contains("secondary rate limit", StringComparison.OrdinalIgnoreCase) || text.Contains("abuse detection", StringComparison.OrdinalIgnoreCase));
        return secondary ? now + (Unstated * Math.Pow(2, Math.Min(rebukes++, 5))) : null;
    }

    private static long? Number(HttpResponseMessage answer, string header) =>
        Text(answer, header) is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string? Text(HttpResponseMessage answer, string header) => answer.Headers.TryGetValues(header, out var values) ? values.FirstOrDefault() : null;
}
