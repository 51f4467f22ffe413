using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>One entry of a tree. A byte of its name that is no UTF-8 stands as half of a character, so that no two names look alike.</summary>
internal readonly record struct TreeItem(string Name, Mode Mode, string Id);

/// <summary>
/// Reads and writes trees with names as git has them: bytes. LibGit2Sharp gives them as text, in which bytes that are no UTF-8 are lost;
/// where some were, git is asked for the bytes.
/// </summary>
internal static class TreeItems
{
    private const char Lost = '\uFFFD';
    private const char Half = '\uDC00';
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static IReadOnlyList<TreeItem> Of(Repository repository, string tree)
    {
        var items = repository.Tree(tree).Select(entry => new TreeItem(entry.Name, entry.Mode, entry.Target.Sha)).ToList();
        return items.Exists(item => item.Name.Contains(Lost, StringComparison.Ordinal)) && !IsWhole(tree, items) ? Asked(repository, tree) : items;
    }

    /// <summary>Whether a name is UTF-8 from end to end.</summary>
    public static bool IsText(string name) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)) == name;

    /// <summary>The bytes of a name, as git has them.</summary>
    public static byte[] Bytes(string name)
    {
        var bytes = new List<byte>(name.Length);
        for (var at = 0; at < name.Length; at++)
        {
            if (char.IsLowSurrogate(name[at]) && (at == 0 || !char.IsHighSurrogate(name[at - 1])))
                bytes.Add((byte)(name[at] - Half));
            else if (char.IsHighSurrogate(name[at]) && at + 1 < name.Length)
                bytes.AddRange(Encoding.UTF8.GetBytes(name, at++, 2));
            else
                bytes.AddRange(Encoding.UTF8.GetBytes(name, at, 1));
        }

        return [.. bytes];
    }

    /// <summary>Writes a tree of items that come in the order in which git had them.</summary>
    public static string Write(Repository repository, IEnumerable<TreeItem> items)
    {
        // From a stream the library writes a blob, whatever it is asked for.
        return repository.ObjectDatabase.Write<Tree>(Content(items)).Sha;
    }

    /// <summary>
    /// Whether nothing was lost: somebody may have written the very character that stands for what is. Then the items make the tree that
    /// they were read from. To ask git costs a process for each tree, and a change may bring a great many of them.
    /// </summary>
    private static bool IsWhole(string tree, List<TreeItem> items)
    {
        var content = Content(items);
#pragma warning disable CA5350 // git's own choice; it names, it does not protect
        return Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"tree {content.Length}\0")), .. content])) == tree;
#pragma warning restore CA5350
    }

    private static byte[] Content(IEnumerable<TreeItem> items)
    {
        using var content = new MemoryStream();
        foreach (var item in items)
        {
            content.Write(Encoding.ASCII.GetBytes($"{Convert.ToString((int)item.Mode, 8)} "));
            content.Write(Bytes(item.Name));
            content.WriteByte(0);
            content.Write(new ObjectId(item.Id).RawId);
        }

        return content.ToArray();
    }

    private static List<TreeItem> Asked(Repository repository, string tree)
    {
        var start = new ProcessStartInfo("git", ["-c", "safe.directory=*", "--git-dir", repository.Info.Path, "ls-tree", "-z", tree]) { WorkingDirectory = "/", RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in GitProgram.Base(null))
            start.Environment[name] = value;
        using var git = Children.Start(start);
        var said = git.StandardError.ReadToEndAsync();
        using var listed = new MemoryStream();
        git.StandardOutput.BaseStream.CopyTo(listed);
        git.WaitForExit();
        if (git.ExitCode != 0)
            throw new GitException($"git ls-tree ended with {git.ExitCode}: {said.GetAwaiter().GetResult().Trim()}");
        return [.. Records(listed.ToArray())];
    }

    // "mode kind id<tab>name", each ended by a zero byte.
    private static IEnumerable<TreeItem> Records(byte[] listed)
    {
        for (var begin = 0; begin < listed.Length;)
        {
            var (tab, end) = (Array.IndexOf(listed, (byte)'\t', begin), Array.IndexOf(listed, (byte)0, begin));
            var words = Encoding.ASCII.GetString(listed, begin, tab - begin).Split(' ');
            yield return new(Name(listed.AsSpan(tab + 1, end - tab - 1)), (Mode)Convert.ToInt32(words[0], 8), words[2]);
            begin = end + 1;
        }
    }

    /// <summary>A name as text, from the bytes that git has of it.</summary>
    public static string Name(ReadOnlySpan<byte> name)
    {
        try
        {
            return Strict.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            var text = new StringBuilder();
            while (!name.IsEmpty)
            {
                if (Rune.DecodeFromUtf8(name, out var rune, out var length) is System.Buffers.OperationStatus.Done)
                    text.Append(rune);
                else
                    (length, _) = (1, text.Append((char)(Half + name[0])));
                name = name[length..];
            }

            return text.ToString();
        }
    }
}
