using System.Globalization;
using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>One request and what was answered.</summary>
internal sealed record HubExchange(DateTimeOffset At, string Method, string Target, string Request, int Status, string? Answer, bool Ordered = false);

/// <summary>All that was asked through the API, in order, for whoever checks it against the official descriptions.</summary>
internal sealed class HubTranscript
{
    private readonly Lock gate = new();
    private readonly List<HubExchange> exchanges = [];

    public int Count => All.Count;

    public IReadOnlyList<HubExchange> All
    {
        get
        {
            lock (gate)
                return [.. exchanges];
        }
    }

    /// <summary>"GET /api/v3/repos/acme/widgets -> 200".</summary>
    public IEnumerable<string> Lines => All.Select(each => $"{each.Method} {each.Target} -> {each.Status}");

    public void Add(HubExchange exchange)
    {
        lock (gate)
            exchanges.Add(exchange);
    }

    public void Forget()
    {
        lock (gate)
            exchanges.Clear();
    }
}

/// <summary>How much each caller has asked, and what happens to one who asked too much.</summary>
internal sealed class HubLimits(HubServer server)
{
    private readonly Dictionary<(string Caller, string Resource), Budget> budgets = [];
    private readonly Queue<(int? RetryAfter, string Resource)> secondary = [];

    /// <summary>What GitHub would have counted: the caller's kind, the resource, the request, its points.</summary>
    public List<(string Caller, string Resource, string Request, int Points)> Counted { get; } = [];

    public int Of(string resource) => Counted.Where(each => each.Resource == resource).Sum(each => each.Points);

    /// <summary>Calls that make content: GitHub allows 80 of them a minute, 500 an hour.</summary>
    public int Creating => Counted.Count(each => each.Resource == "core" && !each.Request.StartsWith("GET ", StringComparison.Ordinal) && !each.Request.Contains("/access_tokens", StringComparison.Ordinal));

    public int Limit { get; set; } = 5000;

    /// <summary>All is used up until so long from now: "core" or "graphql".</summary>
    public void UseUp(string resource, TimeSpan until)
    {
        foreach (var app in server.Apps)
            budgets[($"installation {app.Installation}", resource)] = new(Limit, server.Now + until);
    }

    /// <summary>The next so many requests meet the secondary limit.</summary>
    public void RefuseNext(string resource, int? retryAfter = 60, int times = 1)
    {
        for (var i = 0; i < times; i++)
            secondary.Enqueue((retryAfter, resource));
    }

    public HubAnswer? Refuse(HubCaller caller, string resource)
    {
        if (secondary.TryPeek(out var hit) && hit.Resource == resource && !caller.IsAppItself)
        {
            secondary.Dequeue();
            var answer = new HubAnswer(403, Words("You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", "#about-secondary-rate-limits"));
            if (hit.RetryAfter is { } seconds)
                answer.Headers["Retry-After"] = seconds.ToString(CultureInfo.InvariantCulture);
            return answer;
        }

        if (Of(caller, resource).Used < Limit)
            return null;
        var refused = resource == "graphql"
            ? new HubAnswer(200, new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["type"] = "RATE_LIMITED", ["message"] = $"API rate limit exceeded for {caller.Key}." }) })
            : new HubAnswer(403, Words($"API rate limit exceeded for {caller.Key}.", ""));
        foreach (var (name, value) in Headers(caller, resource))
            refused.Headers[name] = value;
        return refused;
    }

    public void Count(HubCaller caller, string resource, string method, string target, int points)
    {
        if (target.EndsWith("/rate_limit", StringComparison.Ordinal))
            return;
        Of(caller, resource).Used += points;
        Counted.Add((caller.Key, resource, $"{method} {target}", points));
    }

    public IEnumerable<(string Name, string Value)> Headers(HubCaller caller, string resource)
    {
        var budget = Of(caller, resource);
        yield return ("x-ratelimit-limit", Limit.ToString(CultureInfo.InvariantCulture));
        yield return ("x-ratelimit-remaining", Math.Max(0, Limit - budget.Used).ToString(CultureInfo.InvariantCulture));
        yield return ("x-ratelimit-used", budget.Used.ToString(CultureInfo.InvariantCulture));
        yield return ("x-ratelimit-reset", budget.Reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        yield return ("x-ratelimit-resource", resource);
    }

    public Budget Of(HubCaller caller, string resource)
    {
        if (!budgets.TryGetValue((caller.Key, resource), out var budget) || budget.Reset <= server.Now)
            budgets[(caller.Key, resource)] = budget = new(0, server.Now.AddHours(1));
        return budget;
    }

    private static JsonObject Words(string message, string anchor) => new()
    {
        ["message"] = message,
        ["documentation_url"] = $"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api{anchor}",
        ["status"] = "403",
    };

    internal sealed class Budget(int used, DateTimeOffset reset)
    {
        public int Used { get; set; } = used;

        public DateTimeOffset Reset => reset;
    }
}
