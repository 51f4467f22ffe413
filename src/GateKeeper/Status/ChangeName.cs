using GateKeeper.Core.Changes;

namespace GateKeeper.Status;

/// <summary>What a change is called among all that the worker looks after: REPOSITORY/ID. People may leave the repository out, where that means one.</summary>
internal readonly record struct ChangeName(string? Repository, string Id)
{
    public static ChangeName Of(string trunk, ChangeId change) => new(RepositoryOf(trunk), change.Value);

    public static ChangeName Parse(string text) => text is ['#', .. var number] && number.All(char.IsAsciiDigit) ? new(null, number) : text.Split('/', 2) is [{ Length: > 0 } repository, var id] ? new(repository, id) : new(null, text);

    /// <summary>The repository of a trunk's key; its name holds no slash, as a branch's may.</summary>
    public static string RepositoryOf(string trunk) => trunk.Split('/')[0];

    /// <summary>As a part of an address.</summary>
    public string Path => Repository is null ? Uri.EscapeDataString(Id) : $"{Uri.EscapeDataString(Repository)}/{Uri.EscapeDataString(Id)}";

    /// <summary>As people say it: a long hexadecimal id is cut.</summary>
    public string Short => $"{(Repository is null ? "" : $"{Repository}/")}{new ChangeId(Id)}";

    public override string ToString() => Repository is null ? Id : $"{Repository}/{Id}";
}
