using System.Globalization;
using System.Text;
using GateKeeper.Core.Changes;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>The size of a change, held against git's own numstat over trees of all kinds.</summary>
public sealed class ChangedLinesTests
{
    private string directory = "";
    private Repository repository = null!;
    private GitProgram git = null!;

    [SetUp]
    public async Task MakeAsync()
    {
        directory = Directory.CreateTempSubdirectory("lines").FullName;
        var bare = Path.Combine(directory, "repository.git");
        Directory.CreateDirectory(bare);
        git = new(bare, Path.Combine(directory, "home"));
        await git.NeedAsync(["init", "--quiet", "--bare", "--template=", "."], default);
        repository = new(bare);
    }

    [TearDown]
    public void Remove()
    {
        repository.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Test]
    public async Task It_is_what_git_counts_with_all_taken_as_text_and_types_as_removal_and_addition([Range(1, 24)] int seed)
    {
        var random = new Random(seed);
        var (from, to) = Pair(random);

        Assert.That(new LineCounter(repository, git).Lines(from, to), Is.EqualTo(await ExpectedAsync(from, to)));
    }

    [Test]
    public async Task What_git_is_not_let_compare_counts_no_less([Range(1, 12)] int seed, [Values(0, 200, 2000)] int compared)
    {
        var random = new Random(seed);
        var (from, to) = Pair(random);

        Assert.That(new LineCounter(repository, git, mostCompared: compared).Lines(from, to), Is.GreaterThanOrEqualTo(await ExpectedAsync(from, to)));
    }

    [TestCase(Mode.SymbolicLink, "target", 5001)]
    [TestCase(Mode.NonExecutableFile, "old\n", 5001)]
    [TestCase(Mode.NonExecutableFile, "a\n\0b\n", 5002)]
    [TestCase(Mode.GitLink, "", 5001)]
    public void Five_thousand_lines_are_five_thousand_in_place_of_whatever(Mode mode, string content, int lines)
    {
        var from = Tree(("it", mode, content));
        var to = Tree(("it", Mode.ExecutableFile, "#!/bin/sh\0\n" + string.Concat(Enumerable.Repeat("evil\n", 4999))));

        Assert.That(new LineCounter(repository, git).Lines(from, to), Is.EqualTo(lines));
        Assert.That(new LineCounter(repository, git).Lines(to, from), Is.EqualTo(lines), "and back");
    }

    [Test]
    public void So_many_long_names_that_no_command_holds_them_leave_nothing_uncounted()
    {
        var deep = string.Join('/', Enumerable.Repeat(new string('\u20ac', 100), 19));
        (string, Mode, string)[] Files(string content) => [.. Enumerable.Range(0, 480).Select(number => ($"{deep}/{number}", Mode.NonExecutableFile, $"{content} {number}\n")), ("small", Mode.NonExecutableFile, "x")];

        Assert.That(new LineCounter(repository, git, mostCompared: 3).Lines(Tree(Files("old")), Tree([.. Files("new")[..^1], ("small", Mode.NonExecutableFile, "y")])), Is.EqualTo(962));
    }

    [Test]
    public void A_symbolic_link_that_says_what_the_file_said_is_a_removal_and_an_addition() =>
        Assert.That(new LineCounter(repository, git).Lines(Tree(("it", Mode.SymbolicLink, "a")), Tree(("it", Mode.NonExecutableFile, "a"))), Is.EqualTo(2));

    [Test]
    public void One_line_of_forty_MiB_is_one_line_in_time()
    {
        var line = string.Concat(Enumerable.Repeat("0123456789abcdef", 4)) + "\n";
        var text = new StringBuilder().Insert(0, line, 640 << 10).ToString();
        var (from, to) = (Tree(("big", Mode.NonExecutableFile, text + "one\n" + text)), Tree(("big", Mode.NonExecutableFile, text + "two\n" + text)));

        Assert.That(new LineCounter(repository, git).Lines(from, to), Is.EqualTo(2));
    }

    [Test]
    public void A_large_file_that_moves_changes_no_line_and_what_cannot_be_read_is_more_than_any_rule_allows()
    {
        var text = string.Concat(Enumerable.Range(0, 10_000).Select(line => $"{line}\n"));

        Assert.That(new LineCounter(repository, git, mostCompared: 100).Lines(Tree(("a/big", Mode.NonExecutableFile, text)), Tree(("b/big", Mode.ExecutableFile, text))), Is.Zero);
        Assert.That(new LineCounter(repository, git, mostRead: 1000).Lines(Tree(), Tree(("big", Mode.NonExecutableFile, text))), Is.EqualTo(int.MaxValue));
    }

    [Test]
    public void Each_file_has_its_own_lines_and_a_renamed_one_is_one_file()
    {
        var text = string.Concat(Enumerable.Range(0, 100).Select(line => $"{line}\n"));
        var from = Tree(("a", Mode.NonExecutableFile, "1\n"), ("old", Mode.NonExecutableFile, text), ("gen/x", Mode.NonExecutableFile, text + "x\n"), ("gone", Mode.NonExecutableFile, "7\n"));
        var to = Tree(("a", Mode.NonExecutableFile, "1\n2\n"), ("new", Mode.NonExecutableFile, text + "101\n"), ("src/y", Mode.NonExecutableFile, text + "x\n"), ("go/ne", Mode.NonExecutableFile, "8\n"));
        ValueList<PatternList> apart = [PatternList.Of("gen/**")];
        EditedFile[] files = [new("a", 1), new("go/ne", 1), new("gone", 1), new("new", 1) { From = "old" }, new("src/y", 0) { From = "gen/x" }];

        Assert.That(new LineCounter(repository, git).Between(from, to, []), Is.EqualTo(files));
        Assert.That(new LineCounter(repository, git).AtOnce(from, to, apart), Is.EqualTo(files[..4].Append(files[4] with { Before = 101, After = 101 })), "all of what moves out of a list is counted too");
        Assert.That(new LineCounter(repository, git, mostRead: 300).Between(from, to, apart).Single(file => file.From == "gen/x"), Is.EqualTo(files[4] with { Before = int.MaxValue, After = int.MaxValue }), "or is more than can be");
        Assert.That(new LineCounter(repository, git, mostRead: 300).Between(from, to, []).Select(file => (file.Path, file.Lines)),
            Is.EqualTo(new[] { ("a", (int?)1), ("go/ne", 1), ("gone", 1), ("new", int.MaxValue), ("old", 100), ("src/y", 0) }), "one large file makes only itself too large");
    }

    [Test]
    public void Where_git_does_not_look_for_renames_any_more_each_is_two_files()
    {
        (string, Mode, string)[] Files(string directory, string more) =>
            [.. Enumerable.Range(0, 1100).Select(number => ($"{directory}/{directory}-{number}", Mode.NonExecutableFile, $"{number}\n{number + 5000}\n{number + 10_000}\n{more}"))];

        var (few, many) = (new LineCounter(repository, git).Between(Tree(Files("a", "")[..900]), Tree(Files("b", "x\n")[..900]), []), new LineCounter(repository, git).Between(Tree(Files("a", "")), Tree(Files("b", "x\n")), []));

        Assert.That((few.Count, few.Sum(file => file.Lines), many.Count, many.Sum(file => file.Lines)), Is.EqualTo((900, 900, 2200, 7700)));
    }

    [Test]
    public void A_name_that_is_no_UTF_8_is_counted_as_every_other()
    {
        string Odd(string content) => TreeItems.Write(repository, [new("a", Mode.NonExecutableFile, Blob(content)), new("caf\uDCE9", Mode.NonExecutableFile, Blob(content))]);
        var expected = new EditedFile[] { new("a", 2), new("caf\uDCE9", 2) };

        Assert.That(new LineCounter(repository, git).Between(Odd("1\n"), Odd("2\n"), []), Is.EqualTo(expected));
        Assert.That(new LineCounter(repository, git, mostCompared: 4).Between(Odd("1\n"), Odd("2\n"), []), Is.EqualTo(expected), "also where git cannot be told to leave it out");
    }

    [Test]
    public void The_mirrors_own_attributes_hide_nothing()
    {
        var from = Tree(("a.png", Mode.NonExecutableFile, "1\n"), (".gitattributes", Mode.NonExecutableFile, "* -diff\n*.png binary\n"));
        var to = Tree(("a.png", Mode.NonExecutableFile, "1\n2\n3\n"), (".gitattributes", Mode.NonExecutableFile, "* -diff\n*.png binary\n"));

        Assert.That(new LineCounter(repository, git).Lines(from, to), Is.EqualTo(2));
    }

    /// <summary>Git's own numbers; of a path that changes its type, those of removing it and of adding it.</summary>
    private async Task<long> ExpectedAsync(string from, string to)
    {
        var attributes = Path.Combine(directory, "all-is-text");
        await File.WriteAllTextAsync(attributes, "* diff\n");
        var empty = repository.ObjectDatabase.CreateTree(new TreeDefinition()).Sha;
        var types = (await git.NeedAsync(["diff", "--name-status", "--diff-filter=T", from, to], default)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[1]).ToHashSet();
        var sum = 0L;
        foreach (var (path, added, removed) in await NumstatAsync(from, to))
            sum += types.Contains(path) ? (await NumstatAsync(from, empty)).Concat(await NumstatAsync(empty, to)).Where(line => line.Path == path).Sum(line => line.Added + line.Removed) : added + removed;
        return sum;

        async Task<List<(string Path, long Added, long Removed)>> NumstatAsync(string one, string other) =>
            [.. (await git.NeedAsync(["-c", $"core.attributesFile={attributes}", "diff", "--numstat", one, other], default)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('\t')).Select(parts => (parts[2], long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture)))];
    }

    private (string From, string To) Pair(Random random)
    {
        var files = new Dictionary<string, (Mode Mode, string Content)>();
        for (var at = random.Next(3, 20); at > 0; at--)
            files[Name(random)] = Entry(random);
        var from = Tree(files);
        foreach (var (path, (mode, content)) in files.ToList())
        {
            switch (random.Next(9))
            {
                case 0:
                    files.Remove(path);
                    break;
                case 1:
                    files[path] = Entry(random);
                    break;
                case 2 when mode is not Mode.GitLink:
                    files.Remove(path);
                    files[Name(random)] = (mode, random.Next(2) == 0 ? content : Edited(content, random));
                    break;
                case 3 when mode is Mode.NonExecutableFile:
                    files[path] = (Mode.ExecutableFile, content);
                    break;
                case 4 or 5 when mode is Mode.NonExecutableFile or Mode.ExecutableFile:
                    files[path] = (mode, Edited(content, random));
                    break;
                case 6:
                    files.Remove(path);
                    files[$"{path}/below"] = Entry(random);
                    break;
            }
        }

        for (var at = random.Next(4); at > 0; at--)
            files[Name(random)] = Entry(random);
        return (from, Tree(files));
    }

    private static string Name(Random random) => $"{(random.Next(3) == 0 ? "" : $"d{random.Next(3)}/")}f{random.Next(30)}";

    private static (Mode, string) Entry(Random random) => random.Next(8) switch
    {
        0 => (Mode.SymbolicLink, $"somewhere/{random.Next(5)}{(random.Next(4) == 0 ? "\nelse" : "")}"),
        1 => (Mode.GitLink, $"{random.Next(4)}"),
        2 => (Mode.NonExecutableFile, Text(random) + "\0" + Text(random)),
        3 => (Mode.NonExecutableFile, ""),
        4 => (Mode.ExecutableFile, Text(random)),
        _ => (Mode.NonExecutableFile, Text(random)),
    };

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => Line(random))) + (random.Next(3) == 0 ? "no line feed" : "");

    private static string Line(Random random) => random.Next(5) switch { 0 => "\n", 1 => "}\r\n", _ => $"line {random.Next(1000)}\n" };

    private static string Edited(string text, Random random)
    {
        var lines = text.Split('\n').ToList();
        for (var at = random.Next(1, 4); at > 0; at--)
        {
            var place = random.Next(lines.Count + 1);
            if (random.Next(2) == 0 && lines.Count > 1)
                lines.RemoveAt(Math.Min(place, lines.Count - 1));
            else
                lines.Insert(place, $"edit {random.Next(1000)}");
        }

        return string.Join('\n', lines);
    }

    private string Blob(string content) => repository.ObjectDatabase.CreateBlob(new MemoryStream(Encoding.UTF8.GetBytes(content))).Sha;

    private string Tree(params (string Path, Mode Mode, string Content)[] files) => Tree(files.ToDictionary(file => file.Path, file => (file.Mode, file.Content)));

    private string Tree(Dictionary<string, (Mode Mode, string Content)> files)
    {
        var tree = new TreeDefinition();
        foreach (var (path, (mode, content)) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            if (files.Keys.Any(other => path.StartsWith(other + "/", StringComparison.Ordinal)))
                continue;
            if (mode is Mode.GitLink)
                tree.AddGitLink(path, new ObjectId(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..40]));
            else
                tree.Add(path, repository.ObjectDatabase.CreateBlob(new MemoryStream(Encoding.UTF8.GetBytes(content))), mode);
        }

        return repository.ObjectDatabase.CreateTree(tree).Sha;
    }
}

/// <summary>The lines of all files together.</summary>
internal static class AllLines
{
    public static long Lines(this LineCounter counter, string from, string to) => Math.Min(int.MaxValue, counter.Between(from, to, []).Sum(file => (long)file.Lines!));
}
