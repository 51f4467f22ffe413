using GateKeeper.Tests.GitHub.Imitation;

namespace GateKeeper.Benchmarks;

/// <summary>What was asked in some time, as GitHub counts it.</summary>
internal sealed class Spent
{
    private readonly Dictionary<long, (int Plain, int News, int Made)> minutes = [];

    public int Requests { get; set; }

    public int Free { get; set; }

    public int Points { get; set; }

    public int Made { get; set; }

    /// <summary>The App's own, for tokens: they are counted apart.</summary>
    public int Signed { get; set; }

    /// <summary>What kind of request was counted how often.</summary>
    public Dictionary<string, int> Kinds { get; } = [];

    /// <summary>The worst minute by the second limit, and the worst if answers without news do not count there.</summary>
    public int PeakPlain => minutes.Values.Select(minute => minute.Plain).DefaultIfEmpty().Max();

    public int PeakNews => minutes.Values.Select(minute => minute.News).DefaultIfEmpty().Max();

    public int PeakMade => minutes.Values.Select(minute => minute.Made).DefaultIfEmpty().Max();

    /// <summary>By the second limit a question costs one point, and what changes something five; GraphQL's questions have a limit of their own there.</summary>
    public void Add(HubExchange exchange)
    {
        var minute = exchange.At.ToUnixTimeSeconds() / 60;
        var (plain, news, made) = minutes.GetValueOrDefault(minute);
        var path = exchange.Target.Split('?')[0];
        if (path.EndsWith("/access_tokens", StringComparison.Ordinal) || path.EndsWith("/installation", StringComparison.Ordinal))
        {
            Signed++;
        }
        else if (path.EndsWith("/graphql", StringComparison.Ordinal))
        {
            return;
        }
        else
        {
            var asks = exchange.Method == "GET";
            plain += asks ? 1 : 5;
            news += exchange.Status == 304 ? 0 : asks ? 1 : 5;
            if (!asks)
            {
                made++;
                Made++;
            }

            if (exchange.Status == 304)
            {
                Free++;
            }
            else
            {
                Requests++;
                var kind = $"{exchange.Method} {Kind(path)}";
                Kinds[kind] = Kinds.GetValueOrDefault(kind) + 1;
            }
        }

        minutes[minute] = (plain, news, made);
    }

    public string Most => string.Join(", ", Kinds.OrderByDescending(kind => kind.Value).Select(kind => $"{kind.Value} {kind.Key}"));

    /// <summary>The path without what names one thing among many.</summary>
    private static string Kind(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries)[2..];
        return string.Join('/', parts[0] == "repos" ? parts[3..].Select(part => part.Length == 40 || long.TryParse(part, out _) ? "*" : part) : parts);
    }
}
