namespace GateKeeper.Forges.Gerrit;

/// <summary>Sets what a plan names, in an administrator's name, and stops at the first thing that the server does not do.</summary>
internal sealed class RightsWriter(GerritClient administrator, string administratorsName, string gate)
{
    /// <exception cref="ForgeException">The server did not do it; what was done before stands.</exception>
    public async Task SetAsync(RightsPlan plan, Action<string> done, CancellationToken cancellation)
    {
        var id = plan.Group?.Id ?? await MakeAsync(plan.Bots, done, cancellation);
        if (!plan.IsMember && plan.Group is not null)
            await TellAsync(HttpMethod.Put, $"groups/{id}/members/{Uri.EscapeDataString(gate)}", "{}", cancellation);
        foreach (var member in plan.Strangers)
            await TellAsync(HttpMethod.Delete, FormattableString.Invariant($"groups/{id}/members/{member.Id}"), null, cancellation);
        foreach (var inner in plan.Group?.Nested ?? [])
            await TellAsync(HttpMethod.Delete, $"groups/{id}/groups/{Uri.EscapeDataString(inner)}", null, cancellation);
        if (plan.ForeignOwner is not null)
            await TellAsync(HttpMethod.Put, $"groups/{id}/owner", $$"""{"owner":"{{id}}"}""", cancellation);
        foreach (var step in plan.Steps)
        {
            var call = step.Call(id);
            await TellAsync(call.Method, call.Path, call.Body, cancellation);
            done(step.Words);
        }
    }

    public static async Task<GroupSeen?> FindAsync(GerritClient client, string name, CancellationToken cancellation) =>
        await client.SeenAsync($"groups/{Uri.EscapeDataString(name)}/detail", AccessJson.Default.GroupDto, cancellation) is { } group
            ? RightsReader.Seen(group) : null;

    /// <summary>Whoever makes a group is put into it by the server, and would have its rights.</summary>
    private async Task<string> MakeAsync(string name, Action<string> done, CancellationToken cancellation)
    {
        await TellAsync(HttpMethod.Put, $"groups/{Uri.EscapeDataString(name)}", """{"description":"The gate's account, and nobody else"}""", cancellation);
        var made = await FindAsync(administrator, name, cancellation) ?? throw new ForgeException($"the group {name} was made and cannot be seen", null);
        await TellAsync(HttpMethod.Put, $"groups/{made.Id}/members/{Uri.EscapeDataString(gate)}", "{}", cancellation);
        if (administratorsName != gate)
            await TellAsync(HttpMethod.Delete, $"groups/{made.Id}/members/{Uri.EscapeDataString(administratorsName)}", null, cancellation);
        done($"the group {name}, with {gate} alone in it");
        return made.Id;
    }

    private async Task TellAsync(HttpMethod method, string path, string? body, CancellationToken cancellation)
    {
        var (status, text) = await administrator.AskAsync(method, path, body, cancellation);
        if (status is < 200 or >= 300)
            throw new ForgeException($"{method} {path}: {status} {text}", status);
    }
}
