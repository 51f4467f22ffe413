using System.CommandLine;
using GateKeeper.Core.Changes;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using GateKeeper.Status;

namespace GateKeeper.Commands;

/// <summary>Proposing, voting and asking in a clone of a plain git repository, for those who have no git-appraise.</summary>
internal static partial class ReviewCommands
{
    private static readonly Option<string> Remote = new("--remote") { Description = "The remote of this clone, or an address.", DefaultValueFactory = _ => "origin" };

    public static Command Propose()
    {
        var branch = new Argument<string?>("branch") { Description = "The branch on the server; the current one if left out.", Arity = ArgumentArity.ZeroOrOne };
        var target = new Option<string?>("--target") { Description = "The trunk, or the branch of another proposal to stack on; the branch that a clone of the server begins with, or main, if left out." };
        var message = new Option<string?>("--message", "-m") { Description = "What it is; the first commit's message if left out." };
        var reviewer = new Option<string[]>("--reviewer", "-r") { Description = "Who should look: addresses." };
        var move = new Option<bool>("--move") { Description = "Turn the proposal that there is of the same commit to this branch and target." };
        var command = new Command("propose", """
            Propose a pushed branch for review.

            Example:
              git push origin feature && gatekeeper propose feature --target main -r alice@example.org
            """) { branch, target, message, reviewer, move, Remote };
        return command.Does((parsed, cancellation) => WithClientAsync(parsed, async (client, git) =>
        {
            var name = parsed.GetValue(branch) ?? (await git.NeedAsync(["symbolic-ref", "--short", "HEAD"], cancellation)).Text.Trim();
            var onto = parsed.GetValue(target) ?? await FirstBranchAsync(git, parsed.GetValue(Remote)!, cancellation);
            var id = await client.ProposeAsync(name, onto, parsed.GetValue(message), parsed.GetValue(reviewer) ?? [], cancellation, parsed.GetValue(move));
            Console.WriteLine($"{id[..12]} is proposed for {onto}.");
            foreach (var old in client.LeftBehind(name))
                Console.WriteLine(Harmless.Line($"{old.Id[..12]} ({old.Title}) was proposed from {name} too, which does not hold it any more, so it cannot land: gatekeeper abandon {old.Id[..12]}"));
        }, cancellation));
    }

    /// <summary>As git noted it when the clone was made.</summary>
    private static async Task<string> FirstBranchAsync(GitProgram git, string remote, CancellationToken cancellation)
    {
        var room = $"refs/remotes/{remote}/";
        var head = await git.RunAsync(["symbolic-ref", "--quiet", $"{room}HEAD"], cancellation);
        return head.Ok && head.Text.Trim() is var name && name.StartsWith(room, StringComparison.Ordinal) ? name[room.Length..] : "main";
    }

    public static Command Vote()
    {
        var change = Change();
        var vote = new Argument<string>("vote") { Description = "+1 approves, -1 vetoes, 0 takes back." };
        vote.AcceptOnlyFromAmong("+1", "-1", "0");
        var message = new Option<string>("--message", "-m") { Description = "Why.", DefaultValueFactory = _ => "" };
        var revision = new Option<string?>("--revision") { Description = "The commit that was looked at; what this clone last fetched of the branch if left out." };
        var command = new Command("vote", """
            Vote on a revision of a change: the one that this clone has, which must still be the current one.

            Examples:
              gatekeeper vote 4f1c2a +1
              gatekeeper vote 4f1c2a -1 -m "this breaks the importer"
            """) { change, vote, message, revision, Remote };
        return command.Does((parsed, cancellation) => WithClientAsync(parsed, async (client, git) =>
        {
            var (words, review) = (parsed.GetValue(message)!, client.FindOpen(parsed.GetValue(change)!));
            if (parsed.GetValue(vote) == "0")
            {
                await client.WithdrawAsync(review.Id, cancellation);
                Console.WriteLine("The vote is taken back.");
                return;
            }

            var approves = parsed.GetValue(vote) == "+1";
            var on = await LookedAtAsync(client, review, git, parsed.GetValue(revision), parsed.GetValue(Remote)!, approves, cancellation);
            await client.CommentAsync(review.Id, approves, words.Length > 0 ? words : approves ? "looks good" : "needs more work", on, cancellation);
            Console.WriteLine($"The vote is cast on {on[..10]}.");
        }, cancellation));
    }

    public static Command Comment()
    {
        var change = Change();
        var words = new Argument<string>("words") { Description = "What to say." };
        var command = new Command("comment", """
            Say something about a change, without a vote.

            Example:
              gatekeeper comment 4f1c2a "have you seen the other importer?"
            """) { change, words, Remote };
        return command.Does((parsed, cancellation) => WithClientAsync(parsed, (client, _) =>
            client.CommentAsync(parsed.GetValue(change)!, null, parsed.GetValue(words)!, null, cancellation), cancellation));
    }

    public static Command List()
    {
        var who = new Option<string?>("--for") { Description = "Only what this address proposed or was asked to look at; with --at, what waits for this account." };
        var format = Common.Format();
        var command = new Command("list", """
            List the open proposals: of the server that this clone is of, or, with --at, as the worker's page has them.

            Examples:
              gatekeeper list
              gatekeeper list --for alice@example.org
              gatekeeper list --for alice --at https://gate.example.org
            """) { who, format, Remote, FarPage.At, FarPage.With };
        return command.Does(async (parsed, cancellation) => FarPage.Named(parsed) is { } page
            ? await ListPageAsync(page, parsed.GetValue(who), parsed.Json(format), cancellation)
            : await WithClientAsync(parsed, (client, _) =>
            {
                ListClone(client, parsed.GetValue(who), parsed.Json(format));
                return Task.CompletedTask;
            }, cancellation));
    }

    private static void ListClone(ReviewClient client, string? name, bool json)
    {
        var reviews = client.All().Where(review => !client.HasLanded(review) && (name is null || review.Request!.Requester == name || review.Request.Reviewers.Contains(name))).ToList();
        if (json)
            Common.WriteJson(reviews.Select(review => new { review.Id, review.Title, review.Request!.Requester, review.Request.ReviewRef, review.Request.TargetRef }));
        else
            reviews.ForEach(review => Console.WriteLine(Harmless.Line($"{review.Id[..12]}  {review.Request!.Requester,-28} {review.Title}")));
    }

    private static async Task<int> ListPageAsync(FarPage page, string? name, bool json, CancellationToken cancellation)
    {
        var changes = name is null
            ? (await page.AskAsync<TrunkListing[]>("/api/v1/trunks", cancellation) ?? []).SelectMany(trunk => trunk.Changes).ToList()
            : [.. await page.AskAsync<ChangeView[]>($"/api/v1/for/{Uri.EscapeDataString(name)}", cancellation) ?? []];
        if (json)
            Common.WriteJson(changes);
        else
            Console.Write(string.Concat(changes.Select(Texts.Line)));
        return ExitCodes.Fine;
    }

    /// <summary>
    /// An approval is worth something only on what was looked at: where the branch has moved on the server since it was fetched here, or
    /// was never fetched, it is not cast by itself. A veto may go to what nobody has looked at.
    /// </summary>
    private static async Task<string> LookedAtAsync(ReviewClient client, Review review, GitProgram git, string? revision, string remote, bool approves, CancellationToken cancellation)
    {
        if (revision is not null)
        {
            var named = await git.RunAsync(["rev-parse", "--verify", "--quiet", "--end-of-options", $"{revision}^{{commit}}"], cancellation);
            return named.Ok ? named.Text.Trim() : throw new UsageException($"this clone has no commit {revision}; git fetch {remote}");
        }

        var head = client.Head(review);
        if (!approves || review.Request!.ReviewRef is not { } branch)
            return head;
        var here = await git.RunAsync(["rev-parse", "--verify", "--quiet", $"refs/remotes/{remote}/{branch["refs/heads/".Length..]}"], cancellation);
        return here.Ok && here.Text.Trim() == head ? head
            : throw new UsageException(here.Ok
                ? $"the branch has moved: this clone has {here.Text.Trim()[..10]}, the server {head[..10]}; git fetch {remote}, look at it, and vote again"
                : $"this clone has not fetched {branch["refs/heads/".Length..]}: git fetch {remote}, look at it, and vote again (or name the commit: --revision {head[..10]})");
    }

    private static Argument<string> Change() => new("change") { Description = "The change: its id, the beginning of it, or its branch." };

    /// <summary>Works in the clone that one stands in, as oneself: with one's own git settings and keys.</summary>
    private static async Task<int> WithClientAsync(ParseResult parsed, Func<ReviewClient, GitProgram, Task> work, CancellationToken cancellation)
    {
        var git = new GitProgram(Environment.CurrentDirectory, home: null);
        var clone = await PersonsClone.AskAsync(git, parsed.GetValue(Remote)!, cancellation);
        using var mirror = await Mirror.OpenAsync(clone.Mirror, clone.Url, null, null, cancellation, objects: clone.Objects);
        var client = new ReviewClient(mirror, clone.Person, TimeProvider.System);
        await client.RefreshAsync(cancellation);
        await work(client, git);
        return ExitCodes.Fine;
    }
}
