using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;

namespace GateKeeper.Status;

/// <summary>What a change is called among all that the worker looks after: REPOSITORY/ID. People may leave the repository out, where that means one.</summary>
internal readonly partial record struct ChangeName(string? Repository, string Id)
{
    public static ChangeName Of(string trunk, ChangeId change) => new(RepositoryOf(trunk), change.Value);

    /// <summary>What people type or paste: also a number with its sign, and the address of the page of a change, here or on the forge.</summary>
    public static ChangeName Parse(string text)
    {
        if (Pasted().Match(text) is { Success: true, Groups: var found })
            return found["page"] is { Success: true } page ? Parse(Uri.UnescapeDataString(page.Value.TrimEnd('/'))) : new(null, found["number"].Value);
        var name = text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : text;
        return !name.StartsWith("refs/", StringComparison.Ordinal) && name.Split('/', 2) is [{ Length: > 0 } repository, var id] ? new(repository, id) : new(null, name);
    }

    /// <summary>The repository of a trunk's key; its name holds no slash, as a branch's may.</summary>
    public static string RepositoryOf(string trunk) => trunk.Split('/')[0];

    /// <summary>As a part of an address.</summary>
    public string Path => Repository is null ? Uri.EscapeDataString(Id) : $"{Uri.EscapeDataString(Repository)}/{Uri.EscapeDataString(Id)}";

    /// <summary>As people say it: a long hexadecimal id is cut.</summary>
    public string Short => $"{(Repository is null ? "" : $"{Repository}/")}{new ChangeId(Id)}";

    [GeneratedRegex(@"\A(?:(?:[^\s/#]+/[^\s/#]+)?#(?<number>[0-9]{1,9})|https?://\S+/(?:pull|\+)/(?<number>[0-9]{1,9})(?:[/?#]\S*)?|https?://[^/\s]+/{1,2}change/(?<page>[^\s?#]+)(?:[?#]\S*)?)\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Pasted();

    public override string ToString() => Repository is null ? Id : $"{Repository}/{Id}";
}
