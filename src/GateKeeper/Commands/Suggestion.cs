using System.CommandLine;

namespace GateKeeper.Commands;

/// <summary>What somebody who misspelt a command or an option most likely meant.</summary>
internal static class Suggestion
{
    private const int LettersOfOneSlip = 3;
    private const int Longest = 100;

    /// <param name="parsed">What was typed.</param>
    /// <param name="word">The part of it that means nothing.</param>
    /// <returns>Null where nothing is alike.</returns>
    public static string? Of(ParseResult parsed, string? word)
    {
        if (word is not { Length: > 0 and < Longest })
            return null;
        var meant = Known(parsed.CommandResult.Command, word).Select(name => (Name: name, Slips: Slips(word.ToLowerInvariant(), name)))
            .Where(item => item.Slips <= Math.Max(1, item.Name.Length / LettersOfOneSlip))
            .OrderBy(item => item.Slips).ThenBy(item => item.Name, StringComparer.Ordinal).Select(item => item.Name).FirstOrDefault();
        return meant is null ? null : meant == word ? $"{word} stands behind the command: gatekeeper {parsed.CommandResult.Command.Name} {word} ..." : $"Did you mean {meant}?";
    }

    private static IEnumerable<string> Known(Command command, string word)
    {
        if (!word.StartsWith('-'))
            return command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name);
        return command.Parents.OfType<Command>().SelectMany(above => above.Options.Where(option => option.Recursive)).Concat(command.Options)
            .Select(option => option.Name).Where(name => name.StartsWith("--", StringComparison.Ordinal));
    }

    /// <summary>How many letters were left out, put in, replaced or exchanged with the next one.</summary>
    public static int Slips(string one, string other)
    {
        var far = Enumerable.Range(0, one.Length + 1).Select(_ => new int[other.Length + 1]).ToArray();
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    far[i][j] = i + j;
                    continue;
                }

                var same = one[i - 1] == other[j - 1] ? 0 : 1;
                far[i][j] = Math.Min(Math.Min(far[i - 1][j], far[i][j - 1]) + 1, far[i - 1][j - 1] + same);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    far[i][j] = Math.Min(far[i][j], far[i - 2][j - 2] + 1);
            }
        }

        return far[one.Length][other.Length];
    }
}
