using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Forges.PlainGit;

/// <summary>Who wrote each line of the notes, and in which place of the order: what the push log says of the pushes, line by line.</summary>
internal sealed class LineLog(Repository repository)
{
    private readonly Dictionary<(string Key, string Line), Attribution> written = [];
    private string? logged;

    public Attribution? Of(string key, string line) => written.GetValueOrDefault((key, line));

    /// <summary>
    /// What is to be thought of a line that the log does not know: null when the log tells of all there is, and so of what is older than
    /// itself. The notes move first and the log follows; until then such a line may be the newest of all.
    /// </summary>
    public Attribution? Behind(string? tip) => logged is null || logged == tip ? null : Attribution.Awaited;

    public void Grow(IEnumerable<PushEntry> pushes)
    {
        foreach (var push in pushes.Where(push => push.Ref is Notes.Discuss or Notes.Ci))
        {
            var old = push.Old.All(digit => digit == '0') ? null : push.Old;
            if (push.Ref is Notes.Discuss)
            {
                // What lies between two pushes was pushed by nobody known, and before the second; what lies before the first, before the guard.
                if (old is not null && old != logged)
                    Note(logged, old, new(logged is null ? 0 : push.Order, null, push.At));
                logged = push.New;
            }

            Note(old, push.New, new(push.Order, push.By, push.At));
        }
    }

    private void Note(string? from, string to, Attribution by)
    {
        // Of a state that is not there any more nobody can say what it held: who wrote what came with it, or stood there before, is not known.
        if (repository.FindCommit(to) is null)
            return;
        if (from is not null && repository.FindCommit(from) is null)
            (from, by) = (null, by with { By = null });
        foreach (var key in Notes.Moved(repository, from, to))
        {
            var read = Notes.LinesOrNull(repository, from, key);
            var before = (read ?? []).CountBy(line => line).ToDictionary();
            if (read is null)
                by = by with { By = null };
            foreach (var (line, count) in Notes.Lines(repository, to, key).CountBy(line => line))
            {
                var known = before.GetValueOrDefault(line);
                if (known == 0 ? by.By is not null || Of(key, line) is null : count > known && IsSaidAgain(key, line, by))
                    written[(key, line)] = by;
            }
        }
    }

    /// <summary>
    /// The usual client writes an objection without a time, so the same one again is the same line again, and means it anew. Nothing else
    /// is said by repeating it, and nobody repeats for another.
    /// </summary>
    private bool IsSaidAgain(string key, string line, Attribution by) =>
        by.By is not null && Of(key, line)?.By == by.By && NoteLines.Comment(line) is { Resolved: false };
}
