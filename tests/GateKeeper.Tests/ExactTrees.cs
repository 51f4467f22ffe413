using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using GateKeeper.Reconcile;
using GateKeeper.Runs;
using LibGit2Sharp;
using NUnit.Framework.Interfaces;

[assembly: GateKeeper.Tests.RunsSeeExactlyTheirTrees]

namespace GateKeeper.Tests;

/// <summary>
/// Looks, in every run of every story, at what the run sees before its command begins, from within the sandbox, and compares it with what
/// git lists of the tree by which the run is keyed: names, kinds, modes, link targets and contents, byte for byte.
/// </summary>
internal sealed class ExactTrees(ISandbox inner) : ISandbox
{
    private const int Differs = 113;
    private const int MostText = 90_000;

    /// <summary>Runs that saw something else than their tree.</summary>
    public static ConcurrentQueue<string> Wrong { get; } = new();

    /// <summary>How many runs were looked at.</summary>
    public static int Looks => looks;

    private static int looks;

    public bool Overlays => inner.Overlays;

    public Cgroups? Cgroups => inner.Cgroups;

    public string Fingerprint => inner.Fingerprint;

    public uint? Owner => inner.Owner;

    public string? NetworkProblem => inner.NetworkProblem;

    public string? Alarm => inner.Alarm;

    public bool Began(SandboxOrder order) => inner.Began(order);

    public bool Ended(SandboxOrder order) => inner.Ended(order);

    public Process Start(SandboxOrder order, RunGroup? group)
    {
        if (order.Tree is not { } tree || Check(tree) is not { } check)
            return inner.Start(order, group);
        Interlocked.Increment(ref looks);
        var process = inner.Start(order with { Command = $"{check}\n{order.Command}" }, group);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) =>
        {
            if (process.ExitCode == Differs)
                Wrong.Enqueue($"a run of tree {tree.Id} of {tree.Mirror} saw something else (\"{order.Command}\")");
        };
        return process;
    }

    // In a shell of its own, so that nothing of it is left for the command that follows. Layers that a prepare step left lie below the
    // tree, so what is more is not compared there.
    private static string? Check(RunTree tree)
    {
        const string Seen = """
            { find . -mindepth 1 \( -type d -printf 'd %P\0' -o -type l -printf 'l %P > %l\0' -o -type f -printf 'f %m %P\0' -o -printf '? %P\0' \); find . -type f -exec sha256sum -z -- {} + ; } | sort -z
            """;
        var expected = Expected(tree);
        var text = Convert.ToBase64String(expected);
        if (text.Length > MostText && !tree.IsAlone)
            return null;
        var compared = text.Length > MostText
            ? $"test \"$({Seen.Trim()} | sha256sum)\" = '{Convert.ToHexStringLower(SHA256.HashData(expected))}  -'"
            : $"""other="$(printf %s '{text}' | base64 -d | {"{"} exec 8<&0; {Seen.Trim()} | comm -z -{(tree.IsAlone ? "3" : "23")} /dev/fd/8 - ; {"}"} | tr '\0' '\n' | head -n 20)"; test -z "$other" || {"{"} echo "$other"; false; {"}"}""";
        return $"(export LC_ALL=C PATH=/usr/local/bin:/usr/bin:/bin; {compared}) || exit {Differs}";
    }

    private static byte[] Expected(RunTree tree)
    {
        using var repository = new Repository(tree.Mirror);
        var start = new ProcessStartInfo("git", ["ls-tree", "-r", "-t", "-z", tree.Id]) { WorkingDirectory = tree.Mirror, RedirectStandardOutput = true };
        start.Environment["GIT_NO_REPLACE_OBJECTS"] = "1";
        using var git = Process.Start(start)!;
        using var listed = new MemoryStream();
        git.StandardOutput.BaseStream.CopyTo(listed);
        git.WaitForExit();
        var records = new List<byte[]>();
        foreach (var entry in Split(listed.ToArray()))
        {
            var tab = Array.IndexOf(entry, (byte)'\t');
            var (words, name) = (Encoding.ASCII.GetString(entry[..tab]).Split(' '), entry[(tab + 1)..]);
            if (words[1] is "tree" or "commit")
            {
                records.Add([.. "d "u8, .. name]);
                continue;
            }

            using var content = new MemoryStream();
            repository.Lookup<Blob>(words[2]).GetContentStream().CopyTo(content);
            if (words[0] == "120000")
            {
                records.Add([.. "l "u8, .. name, .. " > "u8, .. content.ToArray()]);
                continue;
            }

            records.Add([.. Encoding.ASCII.GetBytes(words[0] == "100755" ? "f 755 " : "f 644 "), .. name]);
            records.Add([.. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content.ToArray())) + "  ./"), .. name]);
        }

        records.Sort((one, other) => one.AsSpan().SequenceCompareTo(other));
        return [.. records.SelectMany(record => record.Append((byte)0))];
    }

    private static IEnumerable<byte[]> Split(byte[] listed)
    {
        for (var at = 0; at < listed.Length;)
        {
            var end = Array.IndexOf(listed, (byte)0, at);
            yield return listed[at..end];
            at = end + 1;
        }
    }
}

/// <summary>A story in which a run saw something else than its tree has failed, whatever came of it.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class RunsSeeExactlyTheirTreesAttribute : Attribute, ITestAction
{
    public ActionTargets Targets => ActionTargets.Test | ActionTargets.Suite;

    public void BeforeTest(ITest test) => Gatehouse.Around = sandbox => new ExactTrees(sandbox);

    public void AfterTest(ITest test)
    {
        if (!ExactTrees.Wrong.IsEmpty)
        {
            var wrong = string.Join('\n', ExactTrees.Wrong);
            ExactTrees.Wrong.Clear();
            Assert.Fail(wrong);
        }
    }
}
