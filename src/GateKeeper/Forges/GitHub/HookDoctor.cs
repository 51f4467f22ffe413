using System.Globalization;

namespace GateKeeper.Forges.GitHub;

/// <summary>What the operator says of how the gate is woken, and how often it looks by itself.</summary>
/// <param name="Takes">Whether webhooks are taken at all.</param>
/// <param name="Address">Where, as GitHub reaches it; null where that was not said.</param>
/// <param name="Poll">How often it looks by itself.</param>
internal sealed record Waking(bool Takes, string? Address, TimeSpan Poll);

/// <summary>Judges whether GitHub's events get here, and whether enough may be asked without them.</summary>
internal static class HookDoctor
{
    /// <summary>What wakes the gate at once; without one of them it is woken by the next look.</summary>
    public static readonly IReadOnlyList<string> Events = ["check_run", "check_suite", "issue_comment", "membership", "pull_request", "pull_request_review", "push", "repository", "status", "team"];

    public static Finding Webhook(Waking waking, Told<HookDto> hook, Told<IReadOnlyList<DeliveryDto>> deliveries)
    {
        const string What = "webhook";
        if (!waking.Takes)
            return Finding.Right(What, $"none is taken; the gate looks by itself every {waking.Poll.TotalSeconds:0} seconds");
        if (!hook.IsKnown)
            return Finding.Unknown(What, $"the App does not say where its events go: {hook.Why}", "look at the App's page (General, Webhook)");
        if (hook.Value?.Url is not { Length: > 0 } url)
            return Finding.Wrong(What, "the App has no webhook, and the settings wait for one", $"set it on the App's page (General, Webhook: {waking.Address ?? "where the worker takes them"}), or take \"webhook\" out of the settings");
        if (waking.Address is null)
            return Finding.Unknown(What, $"events go to {url}; whether that is this worker is not known", "say where the worker is reached (\"page\": {\"address\": ...})");
        if (!url.TrimEnd('/').Equals(waking.Address, StringComparison.OrdinalIgnoreCase))
            return Finding.Wrong(What, $"events go to {url}, and this worker takes them at {waking.Address}", "correct the address on the App's page (General, Webhook), or page.address in the settings");
        if (hook.Value.ContentType is { } type && type != "json")
            return Finding.Wrong(What, $"events are sent as {type}", "set the content type to application/json on the App's page");
        if (hook.Value.InsecureSsl is { } insecure && insecure.ToString() == "1")
            return Finding.Wrong(What, "GitHub does not look whose certificate it meets there", "enable SSL verification on the App's page (General, Webhook)");
        return Delivered(What, url, deliveries);
    }

    public static Finding? Subscribed(Waking waking, IReadOnlyList<string>? events)
    {
        const string What = "events";
        if (!waking.Takes)
            return null;
        if (events is null)
            return Finding.Unknown(What, "GitHub does not say which events the App is told of", "look at the App's page (Permissions & events)");
        var missing = Events.Except(events).ToList();
        return missing.Count == 0 ? Finding.Right(What, string.Join(", ", Events))
            : Finding.Wrong(What, $"the App is not told of {string.Join(", ", missing)}, so these do not wake the gate", "subscribe to them on the App's page (Permissions & events)");
    }

    /// <summary>What is left of this hour, and whether an hour's looking fits into a whole one.</summary>
    public static Finding Budget(Waking waking, Told<LimitsDto> limits)
    {
        const string What = "budget";
        if (!limits.IsKnown)
            return Finding.Unknown(What, $"GitHub does not say what is left: {limits.Why}", "look again in a while");
        if (limits.Value is not { Resources: { Core: { } core, Graphql: { } graph } })
            return Finding.Right(What, "the server counts nothing");

        // One question of up to 25 pull requests at every look, were something to move each time.
        var expected = (int)Math.Ceiling(TimeSpan.FromHours(1) / waking.Poll * 2);
        var left = string.Create(CultureInfo.InvariantCulture, $"{core.Remaining} of {core.Limit} requests and {graph.Remaining} of {graph.Limit} points are left until {DateTimeOffset.FromUnixTimeSeconds(Math.Max(core.Reset, graph.Reset)):HH:mm} UTC");
        if (expected > graph.Limit)
            return Finding.Wrong(What, $"{left}; a look every {waking.Poll.TotalSeconds:0} seconds may take {expected} points an hour", "look less often (\"poll\" in the settings): with a webhook nothing is missed");
        return core.Remaining < core.Limit / 5 || graph.Remaining < graph.Limit / 5
            ? Finding.Wrong(What, $"{left}; under a fifth only what a landing needs is asked", "find out who else asks in the name of this App or account, look less often (\"poll\"), or wait")
            : Finding.Right(What, left);
    }

    private static Finding Delivered(string what, string url, Told<IReadOnlyList<DeliveryDto>> deliveries)
    {
        if (!deliveries.IsKnown)
            return Finding.Unknown(what, $"events go to {url}; what came of them is not told: {deliveries.Why}", "look at the App's page (Advanced, Recent Deliveries)");
        var last = (deliveries.Value ?? []).OrderByDescending(delivery => delivery.DeliveredAt).Take(20).ToList();
        if (last.Count == 0)
            return Finding.Unknown(what, $"events go to {url}, and none was sent yet", "comment on a pull request while the worker runs, and look again");
        var failed = last.Where(delivery => delivery.StatusCode is < 200 or >= 300).ToList();
        if (failed.Count == 0)
            return Finding.Right(what, $"the last {last.Count} events got to {url}");
        if (last[0].StatusCode is >= 200 and < 300)
            return Finding.Right(what, $"the last event got to {url}; of the {last.Count} before and with it {failed.Count} did not, which does no harm");
        return Finding.Wrong(what, $"the last event did not get to {url} ({Code(last[0])}); of the last {last.Count} {failed.Count} did not", last[0].StatusCode switch
        {
            401 => "the secret on the App's page is not the one that the settings name (webhook: secret)",
            404 => "the worker takes none: \"webhook\": {\"secret\": ...} in the settings, and let the proxy pass that path",
            421 => "page.address in the settings must bear the host that GitHub calls, and the proxy must pass it on (proxy_set_header Host)",
            0 => "let GitHub reach that address: the name, the certificate, the firewall, a worker that runs",
            _ => "look at the App's page (Advanced, Recent Deliveries) and at the proxy before the worker",
        });
    }

    private static string Code(DeliveryDto delivery) => delivery.StatusCode == 0 ? delivery.Status : string.Create(CultureInfo.InvariantCulture, $"{delivery.StatusCode} {delivery.Status}");
}
