using System.Text.RegularExpressions;

namespace GateKeeper.Forges.PlainGit;

/// <summary>
/// Where the notes of a whole tree lie, as git lists it. Git fans them out into directories of two digits: one level from some scores of
/// notes on, and below a directory another one when each of the sixteen next digits begins two of its notes: with notes as they come from some
/// thousands on, and with few where somebody chose what they annotate. In other places some readers find a note and others do not, and write
/// a second one.
/// </summary>
internal sealed partial class NotePlaces
{
    /// <summary>The mode of a file that is not there any more.</summary>
    public const string Gone = "000000";
    private const int ManyNotes = 4096;
    private const int Crowd = 16 * 2;
    private readonly ILookup<string, (string Path, string Blob)> files;
    private readonly int levels;
    private readonly HashSet<string> crowded;

    private NotePlaces(List<(string Path, string Blob)> all)
    {
        (files, levels) = (all.ToLookup(file => Notes.Key(file.Path)), all.Count < ManyNotes ? 1 : 2);
        crowded = Crowded([.. files.Select(note => note.Key)]);
    }

    /// <param name="listed">What <c>git ls-tree -r -z</c> says.</param>
    public static NotePlaces Read(string listed) => new(
        [.. listed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t', 2)).Select(parts => (parts[1], parts[0].Split(' ')[2]))]);

    public IEnumerable<string> Of(string key) => files[key].Select(file => file.Blob);

    /// <summary>In how many places where git could have put it the note of a key lies.</summary>
    public int Canonical(string key) => files[key].Count(file => IsPlace(file.Path));

    public bool IsPlace(string path) =>
        path.Count(letter => letter == '/') is var depth && path.Length - depth == 40 && Place().IsMatch(path)
        && (depth <= levels || crowded.Contains(Notes.Key(path)[..(2 * (depth - 1))]));

    /// <summary>The beginnings of two digits, four and so on in which git may have opened one more level.</summary>
    private static HashSet<string> Crowded(List<string> keys)
    {
        var found = new HashSet<string>();
        for (var length = 2; length < 40 && keys.Count >= Crowd; length += 2)
        {
            var groups = keys.Where(key => key.Length == 40).GroupBy(key => key[..length]).Where(group => group.Count() >= Crowd).ToList();
            found.UnionWith(groups.Select(group => group.Key));
            keys = [.. groups.SelectMany(group => group)];
        }

        return found;
    }

    [GeneratedRegex(@"\A(?:[0-9a-f]{2}/)*[0-9a-f]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex Place();
}
