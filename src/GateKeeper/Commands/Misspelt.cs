using System.CommandLine;
using System.CommandLine.Parsing;

namespace GateKeeper.Commands;

/// <summary>What is wrong with a command line, in words: the parser's own do not name what is missing, and it takes a misspelt option for a file.</summary>
internal static class Misspelt
{
    private const string NoCommand = "Required command was not provided.";
    private const string NoArgument = "Required argument ";

    /// <summary>Words that people try before they know the options.</summary>
    public static string[] Meant(string[] typed) => typed switch
    {
        ["help", .. var command] => [.. command, "--help"],
        ["version"] => ["--version"],
        _ => typed,
    };

    /// <summary>Nothing where all is well.</summary>
    public static IReadOnlyList<string> Words(ParseResult parsed)
    {
        var odd = OddOptions(parsed).ToList();
        var words = odd.Select(option => $"there is no option {option}; what begins with -- and is none stands behind \"--\"").ToList();
        words.AddRange(parsed.Errors.Where(error => error.Message != NoCommand || (parsed.Errors.Count == 1 && odd.Count == 0)).Select(error => Word(parsed, error)).Distinct());
        if (words.Count > 0 && Suggestion.Of(parsed, odd.Concat(parsed.UnmatchedTokens).FirstOrDefault()) is { } meant)
            words.Add(meant);
        return words;
    }

    private static string Word(ParseResult parsed, ParseError error)
    {
        if (error.Message.StartsWith(NoArgument, StringComparison.Ordinal) && error.SymbolResult is ArgumentResult { Argument: var argument })
            return $"{parsed.CommandResult.Command.Name} needs <{argument.Name}>{(argument.Description is { Length: > 0 } what ? $": {what}" : "")}";
        return error.Message == NoCommand && parsed.CommandResult.Command is { Subcommands.Count: > 0 } command && command is not RootCommand
            ? $"{command.Name} needs one of {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}"
            : error.Message;
    }

    /// <summary>What looks like an option and was taken for something else; behind "--" everything may look like that.</summary>
    private static IEnumerable<string> OddOptions(ParseResult parsed)
    {
        var before = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).ToHashSet();
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens)
            .Where(token => before.Contains(token) && token.Value.Length > 2 && token.Value.StartsWith("--", StringComparison.Ordinal) && token.Value.Skip(2).All(letter => char.IsAsciiLetterLower(letter) || letter is '-' or '='))
            .Select(token => token.Value);
    }
}
