using GateKeeper.Tests.Servers;
using Microsoft.AspNetCore.Http;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>Git over HTTP: pushing is told ref by ref, as Gerrit does it.</summary>
internal sealed class FakeWire(FakeServer server, FakeAccount caller, FakeProject project, HttpContext context) : GitWire(project.Directory, context)
{
    protected override IEnumerable<string> Settings => project.Changes.Where(change => !server.Sees(caller, change))
        .Select(change => $"transfer.hideRefs={Path.GetDirectoryName(change.MetaReference)!}").Append("uploadpack.allowAnySHA1InWant=false");

    protected override IEnumerable<string> Refs => project.Git.Refs.Where(reference => !reference.CanonicalName.StartsWith("refs/changes/", StringComparison.Ordinal))
        .Select(reference => $"{reference.ResolveToDirectReference().TargetIdentifier} {reference.CanonicalName}")
        .Concat(project.Changes.Where(change => change.IsOpen).Select(change => $"{change.Current.Commit.Sha} .have"));

    protected override IReadOnlyList<string?> Move(IReadOnlyList<GitCommand> commands, List<string> said)
    {
        var push = new FakePush(server, caller, project, said);
        var told = commands.Select(command => push.Move(command.Old, command.New, command.Reference)).ToList();
        said.Add("Processing changes: refs: 1, done    \n");
        return told;
    }
}
