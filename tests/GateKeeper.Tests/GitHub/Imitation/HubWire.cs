using GateKeeper.Tests.Servers;
using Microsoft.AspNetCore.Http;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>Git over HTTP, as GitHub has it: pull requests' refs can be read by everybody and written by nobody.</summary>
internal sealed class HubWire(HubServer server, HubCaller caller, HubRepository repository, HttpContext context) : GitWire(repository.Directory, context)
{
    protected override IEnumerable<string> Settings => ["uploadpack.allowAnySHA1InWant=true", "uploadpack.allowFilter=true"];

    protected override IEnumerable<string> Refs => repository.Git.Refs.Where(reference => !reference.CanonicalName.StartsWith("refs/pull/", StringComparison.Ordinal))
        .Select(reference => $"{reference.ResolveToDirectReference().TargetIdentifier} {reference.CanonicalName}");

    protected override IReadOnlyList<string?> Move(IReadOnlyList<GitCommand> commands, List<string> said) => [.. commands.Select(command =>
    {
        var refused = server.Move(caller, repository, command.Reference, command.Old, command.New);
        if (refused is null && HubRules.On(repository, command.Reference).Any(rule => rule.Type == "update" && caller.Passes(repository, rule.Set, server.Teams)))
            said.Add($"Bypassed rule violations for {command.Reference}:\n\n- Cannot update this protected ref.\n\n");
        if (refused is { Said.Length: > 0 })
            said.Add(refused.Said + "\n");
        return refused?.Word;
    })];
}

internal sealed partial class HubServer
{
    private async Task AnswerGitAsync(HttpContext context, string path)
    {
        await oneAtATime.WaitAsync(context.RequestAborted);
        try
        {
            if (path.Split('/', StringSplitOptions.RemoveEmptyEntries) is not [var owner, var name, .. var rest])
                throw HubRefusal.NotFound;
            var what = string.Join('/', rest);
            var caller = Authenticate(context.Request.Headers.Authorization);
            var repository = Find(owner, name.EndsWith(".git", StringComparison.Ordinal) ? name[..^4] : name);
            var pushing = GitWire.Service(context, what) == "git-receive-pack";
            if (caller == HubCaller.Nobody && (pushing || repository is not { IsPrivate: false }))
                throw new HubRefusal(401, "No anonymous access");
            if (repository is null || !caller.Sees(repository) || !caller.Has("contents", "read"))
                throw new HubRefusal(404, "Repository not found.");
            if (pushing && !caller.AtLeast(repository, "write"))
                throw new HubRefusal(403, $"Permission to {repository.FullName}.git denied to {caller.Account?.Login}.");
            await new HubWire(this, caller, repository, context).AnswerAsync(what);
        }
        catch (HubRefusal refusal)
        {
            context.Response.StatusCode = refusal.Status;
            if (refusal.Status == 401)
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"GitHub\"";
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(refusal.Message);
        }
        finally
        {
            oneAtATime.Release();
        }

        await Hooks.DeliverAsync();
    }
}
