using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Reports;

/// <summary>A case that a report names, or a suite that could not be run at all. Its parts are as the report has them.</summary>
public sealed record ReportedCase(string Class, string Name, string File, string Line)
{
    private const int MostName = 200;
    private const int MostFile = 120;

    /// <summary>What a report says of files in a run's tree is said from the root of the tree.</summary>
    private const string Tree = TreePlace.Root + "/";

    /// <summary>True for a suite.</summary>
    public bool IsSuite { get; init; }

    /// <summary>The suites that it is in, outermost first; empty where they tell it from no other case.</summary>
    public string Suite { get; init; } = "";

    /// <summary>Node's own runner writes "test" as the class of every case.</summary>
    public bool HasClass => Class.Length > 0 && !IsOfNode;

    public bool IsOfNode => Class == "test";

    public override string ToString()
    {
        var (name, file) = (Shortened.Name(Called(), MostName), Shown(File));
        var place = file.Length > 0 ? file : Shown(Suite);
        return place.Length == 0 || name.Contains(place, StringComparison.Ordinal) ? name
            : $"{name} ({Shortened.Name(place, MostFile)}{(file.Length > 0 && Line.Length is > 0 and < 10 && Line.All(char.IsAsciiDigit) ? $":{Line}" : "")})";
    }

    private string Called()
    {
        var (type, name) = (Shown(Class), Shown(Name));
        if (IsSuite)
            return name.Length > 0 ? $"suite {name}" : "a suite without a name";
        return type.Length == 0 || Begins(name, type) ? name.Length > 0 ? name : "a case without a name"
            : name.Length == 0 ? type : $"{type}.{name}";
    }

    /// <summary>Whether the name says already what it is a part of.</summary>
    private static bool Begins(string name, string type) =>
        name.StartsWith(type, StringComparison.Ordinal) && (name.Length == type.Length || !char.IsLetterOrDigit(name[type.Length]));

    private static string Shown(string text)
    {
        var line = string.Join(' ', TerminalLine.Plain(text.Replace('\n', ' ').Replace('\r', ' ')).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.StartsWith(Tree, StringComparison.Ordinal) ? line[Tree.Length..] : line;
    }
}

/// <summary>A report that a run left: its path from the root of the tree, and what it holds, or the beginning of that.</summary>
public sealed record ReportFile(string Path, ReadOnlyMemory<byte> Content)
{
    /// <summary>Whether it goes on beyond what is read of it.</summary>
    public bool IsCut { get; init; }
}

/// <summary>A file that matched and names no case: its path and what its first tag is called.</summary>
public sealed record Caseless(string Path, string Root);

/// <summary>What the reports of a run say. They name; they decide nothing.</summary>
public sealed record ReportedCases
{
    public static ReportedCases None { get; } = new();

    /// <summary>The first of those that failed.</summary>
    public ValueList<ReportedCase> Failing { get; init; } = [];

    public int FailingInAll { get; init; }

    /// <summary>The first of those that failed and then passed.</summary>
    public ValueList<ReportedCase> Flaky { get; init; } = [];

    public int FlakyInAll { get; init; }

    /// <summary>How many reports were read.</summary>
    public int Files { get; init; }

    /// <summary>The first of the files that hold no case.</summary>
    public ValueList<Caseless> Caseless { get; init; } = [];

    public int CaselessInAll { get; init; }

    /// <summary>The first of the files of which only the beginning was read.</summary>
    public ValueList<string> Cut { get; init; } = [];

    public int CutInAll { get; init; }
}
