using GateKeeper.Core.Changes;

namespace GateKeeper.Forges;

/// <summary>Tells messages one by one where each is a request of its own: what is wrong with one of them silences no other change.</summary>
/// <param name="tell">Tells one.</param>
/// <param name="isFinal">Whether a refusal would be repeated, so that it is not tried again.</param>
/// <param name="isGone">Whether a refusal says that nobody is left to be told.</param>
/// <param name="sign">What people write before a change's number.</param>
internal sealed class Speaker(Func<Message, CancellationToken, Task> tell, Func<ForgeException, bool> isFinal, Func<ForgeException, bool> isGone, string sign)
{
    /// <summary>What was told of changes of which something else could not be: that is tried again, and this is not said twice.</summary>
    private readonly HashSet<(Revision Revision, string Words)> posted = [];

    /// <exception cref="PartlyToldException">Some changes' messages are to be told again; the rest was told.</exception>
    /// <exception cref="UntoldException">The forge will not have some of it; the rest was told.</exception>
    public async Task TellAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        var (refused, failed, behind) = (new List<string>(), new Dictionary<Revision, string>(), new HashSet<ChangeId>());
        foreach (var message in messages.Where(message => !posted.Contains((message.Revision, message.Words))))
        {
            // What is said of one change is said in order: the last word must stay the last.
            if (behind.Contains(message.Revision.Change))
            {
                failed.TryAdd(message.Revision, $"{sign}{message.Revision.Change}: what is to be said before could not be");
                continue;
            }

            try
            {
                await tell(message, cancellation);
                posted.Add((message.Revision, message.Words));
            }
            catch (ForgeException error) when (!isFinal(error))
            {
                behind.Add(message.Revision.Change);
                failed[message.Revision] = $"{sign}{message.Revision.Change}: {error.Message}";
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // Refused alone (a locked conversation, words that the forge will not have), and it would be refused again: the operator is told.
                posted.Add((message.Revision, message.Words));
                if (error is not ForgeException answer || !isGone(answer))
                    refused.Add($"{sign}{message.Revision.Change}: {error.Message}");
            }
        }

        var all = messages.Select(message => message.Revision.Change).ToHashSet();
        posted.RemoveWhere(item => all.Contains(item.Revision.Change) && !failed.ContainsKey(item.Revision));
        var final = refused.Count > 0 ? string.Join("; ", refused) : null;
        if (failed.Count > 0)
            throw new PartlyToldException(failed, final);
        if (final is not null)
            throw new UntoldException(final);
    }
}
