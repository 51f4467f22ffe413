using System.Text.RegularExpressions;

namespace GateKeeper.Tests;

/// <summary>The shape of the house, read from its own files: who may know whom, and how large a room may be.</summary>
public sealed partial class HouseRules
{
    internal static readonly string Root = FindRoot();

    /// <summary>For each folder of the program, the folders of it that may be seen from there.</summary>
    private static readonly Dictionary<string, string[]> Program = new()
    {
        ["Git"] = [],
        ["Settings"] = [],
        ["Store"] = [],
        ["Runs"] = ["Git", "Store"],
        ["Forges"] = ["Git"],
        ["Forges/PlainGit"] = ["Git", "Forges"],
        ["Forges/Gerrit"] = ["Git", "Forges"],
        ["Forges/GitHub"] = ["Git", "Forges"],
        ["Reconcile"] = ["Git", "Store", "Runs", "Forges", "Forges/PlainGit", "Forges/Gerrit", "Forges/GitHub", "Settings"],
        ["Status"] = ["Git", "Store", "Runs", "Forges", "Reconcile", "Settings"],
        ["Demo"] = ["Git", "Store", "Runs", "Forges/PlainGit", "Forges/Gerrit", "Reconcile", "Settings", "Status"],
        ["Commands"] = ["Git", "Store", "Runs", "Forges", "Forges/PlainGit", "Forges/Gerrit", "Forges/GitHub", "Reconcile", "Settings", "Status", "Demo"],
    };

    [TestCaseSource(nameof(Folders))]
    public void The_arrows_of_the_house_hold(string folder)
    {
        var allowed = Program[folder].Select(name => name.Replace('/', '.')).ToHashSet();
        foreach (var file in Directory.GetFiles(Path.Combine(Root, "src/GateKeeper", folder), "*.cs"))
        {
            foreach (var seen in Uses().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Where(name => !name.StartsWith("Core", StringComparison.Ordinal) && name != folder.Replace('/', '.')))
                Assert.That(allowed, Does.Contain(seen), $"{folder}/{Path.GetFileName(file)} may not know {seen}");
        }
    }

    [Test]
    public void In_the_core_the_left_never_knows_the_right()
    {
        string[] order = ["Changes", "Reports", "Gates", "Rules", "Landing"];
        foreach (var file in Sources("src/GateKeeper.Core"))
        {
            var place = Array.IndexOf(order, Path.GetFileName(Path.GetDirectoryName(file)));
            foreach (var seen in Uses().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value.Replace("Core.", "", StringComparison.Ordinal)))
                Assert.That(Array.IndexOf(order, seen), Is.InRange(0, place), $"{file} may not know {seen}");
        }
    }

    [Test]
    public void No_room_is_too_large()
    {
        foreach (var file in Sources("src"))
            Assert.That(File.ReadLines(file).Count(), Is.LessThanOrEqualTo(250), file);
        foreach (var file in Sources("tests"))
            Assert.That(File.ReadLines(file).Count(), Is.LessThanOrEqualTo(400), file);
    }

    [Test]
    public void Every_folder_of_the_program_has_its_arrows() =>
        Assert.That(Sources("src/GateKeeper").Select(file => Path.GetRelativePath(Path.Combine(Root, "src/GateKeeper"), Path.GetDirectoryName(file)!)).Distinct().Where(folder => folder != "."), Is.SubsetOf(Program.Keys));

    /// <summary>The library answers null for an object that is not there, and null is easily read as "none".</summary>
    [Test]
    public void Objects_are_looked_up_in_one_place_where_what_is_missing_is_an_error()
    {
        foreach (var file in Sources("src").Where(file => Path.GetFileName(file) != "Objects.cs"))
            Assert.That(RawLookup().Matches(File.ReadAllText(file)).Select(match => match.Value), Is.Empty, file);
    }

    [Test]
    public void Nothing_in_the_project_names_a_path_of_somebodys_machine()
    {
        var files = Sources("src").Concat(Sources("tests")).Concat(Directory.GetFiles(Root, "*.md", SearchOption.AllDirectories).Where(file => !file.Contains("/artifacts/", StringComparison.Ordinal)));
        string[] forbidden = ["/" + "work/main", "/home/" + "user", "nu" + "get.org"];
        foreach (var file in files)
            Assert.That(forbidden.Where(File.ReadAllText(file).Contains), Is.Empty, file);
    }

    /// <summary>A $ would also match before a last line feed; who means the lines of a text says so (Multiline, or (?m:^)).</summary>
    [Test]
    public void The_anchors_of_regular_expressions_are_the_true_ends()
    {
        var loose = from file in Sources("src")
                    from line in File.ReadLines(file)
                    where line.Contains("Regex", StringComparison.Ordinal) && !line.Contains("RegexOptions.Multiline", StringComparison.Ordinal)
                    from Match text in Literals().Matches(line)
                    where Anchors().IsMatch(Insides().Replace(text.Value, ""))
                    select $"{file}: {text.Value}";

        Assert.That(loose, Is.Empty);
    }

    private static IEnumerable<string> Folders => Program.Keys;

    private static IEnumerable<string> Sources(string folder) =>
        Directory.GetFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "GateKeeper.sln")))
            directory = Path.GetDirectoryName(directory.TrimEnd('/'))!;
        return directory;
    }

    [GeneratedRegex(@"\.Lookup(<\w+(\.\w+)*>)?\(|RetrieveObjectMetadata|\.Parents\.First")]
    private static partial Regex RawLookup();

    /// <summary>A text in the source that is a regular expression: as an argument of one.</summary>
    [GeneratedRegex(@"(?<=(?:GeneratedRegex|new Regex|Regex\.[A-Za-z]+)\((?:[A-Za-z. ]+, )?)\$?@?""(?:[^""\\]|\\.|"""")*""")]
    private static partial Regex Literals();

    /// <summary>Classes, and what is escaped, hold no anchors.</summary>
    [GeneratedRegex(@"\\.|\[(?:[^\]\\]|\\.)*\]|\{[a-z]+\}|^\$|\(\?m:[\^$]\)")]
    private static partial Regex Insides();

    [GeneratedRegex(@"[\^$]")]
    private static partial Regex Anchors();

    [GeneratedRegex(@"^using (?:\w+ = )?GateKeeper\.([A-Za-z.]+);", RegexOptions.Multiline)]
    private static partial Regex Uses();
}
