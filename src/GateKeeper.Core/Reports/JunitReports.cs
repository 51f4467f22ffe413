namespace GateKeeper.Core.Reports;

/// <summary>
/// Names failing cases from the JUnit files that a run left, in the dialects of those who write them. The files are hostile: reading takes
/// time linear in their size and bounded memory, and whatever they say decides nothing.
/// </summary>
public static class JunitReports
{
    private const int MostNamed = 3;

    /// <param name="files">In the order in which they were written.</param>
    public static ReportedCases Read(IEnumerable<ReportFile> files)
    {
        var (ledger, caseless, cut) = (new CaseLedger(), new List<Caseless>(), new List<string>());
        var (count, caselessCount, cutCount) = (0, 0, 0);
        foreach (var file in files)
        {
            count++;
            var (cases, root) = new JunitFile(file, ledger).Read();
            if (cases == 0 && ++caselessCount <= MostNamed)
                caseless.Add(new(file.Path, root));
            if (file.IsCut && ++cutCount <= MostNamed)
                cut.Add(file.Path);
        }

        return ledger.Close() with { Files = count, Caseless = [.. caseless], CaselessInAll = caselessCount, Cut = [.. cut], CutInAll = cutCount };
    }
}

/// <summary>Reads one file into the ledger.</summary>
internal sealed class JunitFile(ReportFile file, CaseLedger ledger)
{
    private const int MostDeep = 1000;
    private const int MostPath = 400;
    private readonly Stack<Frame> open = new();
    private readonly Stack<Frame> suites = new();
    private readonly int[] opened = new int[Enum.GetValues<Part>().Length];
    private int cases;
    private string root = "";
    private object report = new();

    /// <summary>What a tag is a part of.</summary>
    private enum Part
    {
        Other,
        Document,
        Suite,
        Case,
        Failure,
        Skipped,
        Flake,
    }

    /// <summary>A tag that is open.</summary>
    private sealed class Frame(Part part)
    {
        public Part Part => part;

        public string Name { get; init; } = "";

        public string File { get; init; } = "";

        /// <summary>The names of the suites down to it.</summary>
        public string Path { get; init; } = "";

        /// <summary>The suite that its cases belong to.</summary>
        public CaseLedger.Unit? Unit { get; init; }

        public ReportedCase? Case { get; init; }

        public bool Failed { get; set; }

        public bool Skipped { get; set; }

        public bool Flaky { get; set; }

        /// <summary>How many tags are open within it that mean nothing here; what stands in them is not its own.</summary>
        public int Within { get; set; }
    }

    /// <summary>Answers how many cases it holds, and the name of its first tag.</summary>
    public (int Cases, string Root) Read()
    {
        var tags = new Markup(new(file.Content));
        Push(Beginning());
        while (tags.Read())
        {
            if (tags.Tag is Tag.Declaration)
            {
                // A document begins: what is open was of another, or of the text before it.
                CloseAll();
                Push(Beginning());
                root = cases == 0 ? "" : root;
            }
            else if (tags.Tag is Tag.Start)
            {
                if (root.Length == 0)
                    root = tags.Name;
                Start(tags);
            }
            else
            {
                End(Of(tags.Name));
            }
        }

        CloseAll();
        return (cases, root);
    }

    private Frame Beginning() => new(Part.Document) { Unit = new("", report = new()) };

    private static Part Of(string name) => name switch
    {
        "testsuites" or "testsuite" => Part.Suite,
        "testcase" => Part.Case,
        "failure" or "error" => Part.Failure,
        "skipped" => Part.Skipped,
        "flakyFailure" or "flakyError" or "rerunFailure" or "rerunError" => Part.Flake,
        _ => Part.Other,
    };

    private void Start(Markup tag)
    {
        // No runner nests this deep.
        var (part, top) = (open.Count < MostDeep ? Of(tag.Name) : Part.Other, open.Peek());
        var above = top.Within == 0 ? top.Part : Part.Other;
        switch (part)
        {
            case Part.Suite:
                Push(Suite(tag, suites.Peek()));
                break;
            case Part.Case:
                cases++;
                var named = Either(tag["classname"], tag["class"]);
                Push(new(part) { Case = new(named, tag["name"], Either(tag["file"], suites.Peek().File), tag["line"]) { Suite = suites.Peek().Path } });
                break;
            case Part.Failure:
                if (above is Part.Case)
                    top.Failed = true;
                else if (above is Part.Suite)
                    ledger.Add(top.Unit!, new("", Either(top.Name, top.File), top.Name.Length > 0 ? top.File : "", "") { IsSuite = true }, CaseEnd.Failed);
                Push(new(part));
                break;
            case Part.Skipped:
                top.Skipped |= above is Part.Case;
                Push(new(part));
                break;
            case Part.Flake:
                top.Flaky |= above is Part.Case;
                Push(new(part));
                break;
            default:
                top.Within += tag.IsEmpty ? 0 : 1;
                return;
        }

        if (tag.IsEmpty)
            Pop();
    }

    /// <summary>One that stands in no other begins a report of its own: files are put together from several.</summary>
    private Frame Suite(Markup tag, Frame above)
    {
        if (above.Part is Part.Document)
            report = new();
        var path = tag.Name == "testsuites" || tag["name"].Length == 0 ? above.Path : above.Path.Length == 0 ? tag["name"] : $"{above.Path} > {tag["name"]}";
        return new(Part.Suite) { Name = tag["name"], File = Either(tag["file"], above.File), Path = Shortened.Name(path, MostPath), Unit = new(tag["hostname"], report) };
    }

    /// <summary>Closes the nearest of its kind and what was left open within; what closes nothing is passed over.</summary>
    private void End(Part part)
    {
        if (part is Part.Other)
            open.Peek().Within -= open.Peek().Within > 0 ? 1 : 0;
        if (part is Part.Other || opened[(int)part] == 0)
            return;
        while (open.Peek().Part != part)
            Pop();
        Pop();
    }

    /// <summary>A case that was cut off has not ended; that it failed before that stands.</summary>
    private void CloseAll()
    {
        while (open.TryPeek(out var frame))
        {
            if (frame is { Part: Part.Case, Failed: false })
                Drop();
            else
                Pop();
        }
    }

    private void Push(Frame frame)
    {
        opened[(int)frame.Part]++;
        open.Push(frame);
        if (frame.Unit is not null)
            suites.Push(frame);
    }

    private Frame Drop()
    {
        var frame = open.Pop();
        opened[(int)frame.Part]--;
        if (frame.Unit is not null)
            suites.Pop();
        return frame;
    }

    private void Pop()
    {
        var frame = Drop();
        if (frame.Part is Part.Case)
            ledger.Add(suites.Peek().Unit!, frame.Case!, frame.Skipped ? CaseEnd.Skipped : frame.Failed ? CaseEnd.Failed : frame.Flaky ? CaseEnd.Flaky : CaseEnd.Passed);
        else if (frame.Unit is { } unit)
            ledger.End(unit);
    }

    private static string Either(string one, string other) => one.Length > 0 ? one : other;
}
