using GateKeeper.Core.Changes;

namespace GateKeeper.Forges;

/// <summary>The gate's own pages of the changes of one repository, as its forge links to them: a number alone may mean one in every repository.</summary>
internal sealed record ChangePages(string Address)
{
    /// <summary>Null where the operator does not say where people reach the page.</summary>
    public static ChangePages? At(string? page, string repository) => page is null ? null : new($"{page.TrimEnd('/')}/change/{repository}/");

    public string Of(ChangeId change) => $"{Address}{change.Value}";
}
