using System.CommandLine;
using GateKeeper.Core.Changes;

namespace GateKeeper.Commands;

/// <content>Asking something of the gate: each is a comment that one could write by hand.</content>
internal static partial class ReviewCommands
{
    public static Command Ask(RequestKind kind, string example, string description)
    {
        var change = Change();
        var reason = new Option<string>("--reason") { Description = "Why.", DefaultValueFactory = _ => "" };
        var name = kind.ToString().ToLowerInvariant();
        var command = new Command(name, $"""
            {description}

            Example:
              gatekeeper {example}
            """) { change, reason, Remote };
        return command.Does((parsed, cancellation) => AskAsync(parsed, change, kind, "", parsed.GetValue(reason)!, cancellation));
    }

    public static Command Priority()
    {
        var change = Change();
        var number = new Argument<int>("number") { Description = "The higher it is, the sooner it lands; 0 as if never asked." };
        var command = new Command("priority", """
            Ask for a change to go before others in the queue, if the rules let you (may: priority).

            Example:
              gatekeeper priority 4f1c2a 10
            """) { change, number, Remote };
        return command.Does((parsed, cancellation) => AskAsync(parsed, change, RequestKind.Priority, $"{parsed.GetValue(number)}", "", cancellation));
    }

    public static Command Override()
    {
        var change = Change();
        var gate = new Argument<string>("gate") { Description = "The gate's name, as the rules have it." };
        var reason = new Argument<string>("reason") { Description = "Why: it is kept with the landing." };
        var command = new Command("override", """
            Ask for a gate to be lifted for the current revision of a change; a second person has to confirm it.

            Example:
              gatekeeper override 4f1c2a "two core reviewers" "the site is down and everybody else asleep"
            """) { change, gate, reason, Remote };
        return command.Does((parsed, cancellation) => AskAsync(parsed, change, RequestKind.Override, parsed.GetValue(gate)!, parsed.GetValue(reason)!, cancellation));
    }

    public static Command Abandon()
    {
        var change = Change();
        var command = new Command("abandon", """
            Take back a proposal of your own.

            Example:
              gatekeeper abandon 4f1c2a
            """) { change, Remote };
        return command.Does((parsed, cancellation) => WithClientAsync(parsed, async (client, _) =>
        {
            var review = client.FindOpen(parsed.GetValue(change)!);
            await client.AbandonAsync(review.Id, cancellation);
            Console.WriteLine($"{review.Id[..12]} is abandoned.");
        }, cancellation));
    }

    /// <summary>The comment that asks; the gate reads its first line only, so it must be one.</summary>
    public static string Comment(RequestKind kind, string argument, string reason)
    {
        string[] words = [$"/gatekeeper {kind.ToString().ToLowerInvariant()}", kind is RequestKind.Override ? $"\"{argument}\"" : argument, reason];
        var line = string.Join(' ', words.Where(word => word.Length > 0)).ReplaceLineEndings(" ");
        return RequestText.Parse(line) is var (asked, about, _) && asked == kind && about == argument
            ? line
            : throw new UsageException($"\"{argument}\" cannot be asked about: a gate's name is written as in the rules, without quotes");
    }

    private static Task<int> AskAsync(ParseResult parsed, Argument<string> change, RequestKind kind, string argument, string reason, CancellationToken cancellation) =>
        WithClientAsync(parsed, async (client, _) =>
        {
            var review = client.FindOpen(parsed.GetValue(change)!);
            await client.CommentAsync(review.Id, null, Comment(kind, argument, reason), null, cancellation);
            Console.WriteLine($"The gate is asked: {kind.ToString().ToLowerInvariant()} {review.Id[..12]}{(argument.Length > 0 ? $" {argument}" : "")}.");
        }, cancellation);
}
