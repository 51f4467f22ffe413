using GateKeeper.Core.Changes;
using GateKeeper.Git;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// Who pushed what to the branch of a pull request, and when, by the host's own record of that branch. Where it cannot be had (a fork that
/// is gone or private) nothing is known, and nothing is guessed.
/// </summary>
/// <param name="Pushes">The newest first.</param>
internal sealed record Uploads(IReadOnlyList<PushDto> Pushes)
{
    public static Uploads Unknown { get; } = new([]);

    /// <summary>Who made the branch point at this commit last. Whoever had a program push it is not told; nobody has the gate push but the gate.</summary>
    public Account? UploaderOf(string head, Func<UserDto, Account> account, Account gate) =>
        Pushes.FirstOrDefault(push => push.After == head) is { } push ? By(push, account, gate) : null;

    /// <summary>The pushes that may have brought what is there now, the oldest first. What was there before the record begins is nobody knows whose.</summary>
    public IEnumerable<Push> OldestFirst(Func<UserDto, Account> account, Account gate)
    {
        var begun = Pushes.TakeWhile(push => !IsNothing(push.Before)).Count();
        if (Pushes is [.., var oldest] && !IsNothing(oldest.Before) && CommitSha.TryParse(oldest.Before, out var before))
            yield return new(before, null, IsTold: false);
        foreach (var (at, push) in Pushes.Index().Reverse())
        {
            if (!IsNothing(push.After) && CommitSha.TryParse(push.After, out var to))
                yield return By(push, account, gate) is { } by ? new(to, by, IsTold: true, at > begun) : new(to, null, IsTold: false, at > begun);
        }
    }

    private static Account? By(PushDto push, Func<UserDto, Account> account, Account gate) =>
        push.Actor is not { } actor ? null
        : actor.Login.Equals(gate.Name, StringComparison.OrdinalIgnoreCase) ? gate
        : actor.Login.EndsWith("[bot]", StringComparison.Ordinal) ? null : account(actor);

    private static bool IsNothing(string id) => id.All(digit => digit == '0');

    /// <summary>
    /// The revision that was current at a moment. The host's times are whole seconds: what was pushed within the same one may have come
    /// after, so it is not taken for what was seen.
    /// </summary>
    public CommitSha? CurrentAt(DateTimeOffset moment) =>
        Pushes.FirstOrDefault(push => push.Timestamp < moment) is { } push && CommitSha.TryParse(push.After, out var sha) ? sha : null;

    public bool Knows(string head) => Pushes.Any(push => push.After == head);
}
