using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Landing;

/// <summary>Fills in the places of the rules' own words. What is filled in is not looked through for places again.</summary>
/// <param name="change">What lands.</param>
/// <param name="approvers">Whose approvals count.</param>
internal sealed partial class Filling(Change change, ValueList<Account> approvers)
{
    private const int MostApprovers = 100;
    private const string Approvers = "{approvers}";

    /// <summary>As accounts compare and people read: by name, each once.</summary>
    private readonly List<string> people = [.. approvers.Select(account => Prose.Line(account.Name)).Where(name => name.Length > 0).Distinct().Order(StringComparer.OrdinalIgnoreCase).ThenBy(name => name, StringComparer.Ordinal)];

    /// <param name="template">The words of the rules.</param>
    /// <param name="description">What of the description lands.</param>
    public string In(string template, string description) => Place().Replace(template, match => match.Groups[1].Value switch
    {
        "title" => change.Title,
        "number" => change.Number,
        "author" => change.Author.Name,
        "revision" => change.Current.Commit.Hex,
        "url" => change.Url ?? "",
        "approvers" => Everybody(),
        _ => description,
    });

    /// <summary>The trailers that the rules word: one for each approver where the value is these alone, and none where there is nothing to say.</summary>
    public IEnumerable<Trailer> Trailers(IEnumerable<Trailer> worded) => worded
        .SelectMany(trailer => trailer.Value == Approvers ? people.Take(MostApprovers).Select(name => trailer with { Value = name }) : [trailer with { Value = In(trailer.Value, "") }])
        .Where(trailer => Prose.Line(trailer.Value).Length > 0);

    private string Everybody() => people.Count switch
    {
        0 => "nobody",
        <= MostApprovers => string.Join(", ", people.Select(Apart)),
        var all => $"{string.Join(", ", people.Take(MostApprovers).Select(Apart))} and {all - MostApprovers} more",
    };

    /// <summary>A name with a comma in it is not to be taken for two.</summary>
    private static string Apart(string name) => name.Contains(',', StringComparison.Ordinal) ? $"\"{name.Replace('"', '\'')}\"" : name;

    [GeneratedRegex(@"\{(title|number|author|revision|description|approvers|url)\}", RegexOptions.NonBacktracking)]
    private static partial Regex Place();
}
