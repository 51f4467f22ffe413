using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.Gerrit;

/// <summary>What the operator says of one project on a Gerrit server.</summary>
internal sealed record GerritPlace(Uri Address, string Project, string User, string Secret, IReadOnlyList<string> Trunks, GerritLabels Labels, ChangePages? Page)
{
    /// <summary>Whether the server is asked to submit, because it grants no push.</summary>
    public bool Submits { get; init; }

    /// <summary>Where git reaches the project, under the account's own name.</summary>
    public static string GitAddressOf(Uri server, string project) => $"{server.AbsoluteUri.TrimEnd('/')}/a/{project}";

    /// <summary>Where people look at a change, as the server itself links to it.</summary>
    public string UrlOf(ChangeId change) => $"{Address.AbsoluteUri.TrimEnd('/')}/c/{Project}/+/{change.Value}";

    // Never in a text: the secret is among its values.
    public override string ToString() => $"{Project} at {Address}";
}
