using System.Security.Cryptography;
using System.Text;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>
/// All that a landing says beside its content: in which way, in whose name and in which words. It belongs to what a candidate is, so that
/// what lands says what was judged.
/// </summary>
/// <param name="Method">In which way.</param>
/// <param name="Author">Whose the commit is; null where commits keep their own.</param>
/// <param name="Message">The whole message; empty where commits keep their own.</param>
/// <param name="Trailers">The gate's own trailers.</param>
/// <param name="Anew">Of these, the keys that take the place of what commits say in them.</param>
public sealed record Wording(LandingMethod Method, Hand? Author, string Message, ValueList<Trailer> Trailers, ValueList<string> Anew)
{
    private const string CoAuthor = "Co-authored-by";
    private const string SignedOff = "Signed-off-by";

    /// <summary>What tells it from any other, in few characters.</summary>
    public string Digest
    {
        get
        {
            IEnumerable<string> parts = [$"{Method}", Author?.Name ?? "", Author?.Email ?? "", Message, .. Trailers.SelectMany(trailer => new[] { trailer.Key, trailer.Value }), .. Anew];
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => $"{part.Length}:{part}")))))[..32];
        }
    }

    /// <param name="rules">How changes land, and which trailers they must carry.</param>
    /// <param name="change">What lands.</param>
    /// <param name="lifted">The gates that two people have lifted for it, each with who and why.</param>
    /// <param name="approvers">Whose approvals count; looked at only where the rules word them.</param>
    public static Wording Of(Ruleset rules, Change change, ValueList<string> lifted, ValueList<Account>? approvers = null)
    {
        var landing = rules.Landing;
        var filled = new Filling(change, approvers ?? []);
        var rewritten = landing.Method is LandingMethod.Squash or LandingMethod.Rebase;
        ValueList<Trailer> own = [.. rewritten ? change.LandingTrailers : [], .. lifted.Select(gate => new Trailer("Overridden", gate)), new("Change", change.Id.Value), new("Revision", change.Current.Commit.Hex)];
        var (author, description) = (AuthorOf(change), landing.LeftOut.Of(change.Description));
        if (landing.Method is LandingMethod.FastForward)
            return new(landing.Method, null, "", [], []);
        if (landing.Method is LandingMethod.Rebase)
            return new(landing.Method, null, "", own, [.. change.LandingTrailers.Select(trailer => trailer.Key)]);
        var worded = filled.Trailers(landing.Trailers).ToList();
        if (landing.Method is LandingMethod.Squash)
        {
            ValueList<Trailer> people = [.. Kept(rules, change), .. CoAuthors(change, author)];
            (own, description) = ([.. people, .. worded, .. own], Without(description, people, author));
        }
        else
        {
            own = [.. worded, .. own];
        }

        var subject = Prose.Line(filled.In(landing.Subject, description)) is { Length: > 0 } line ? line : $"Change {change.Number}";
        return new(landing.Method, author, Prose.Compose(subject, filled.In(landing.Body, description), own), [], []);
    }

    /// <summary>The change's author, as his last commit in it names him, or as the forge does; where he is in none of them, who wrote the first.</summary>
    private static Hand? AuthorOf(Change change)
    {
        var authors = change.Commits.Select(commit => commit.AuthorHand).OfType<Hand>().ToList();
        return authors.FindLast(hand => hand.Account == change.Author)
            ?? change.Commits.SelectMany(commit => commit.Hands).LastOrDefault(hand => hand.Account == change.Author)
            ?? change.AuthorHand ?? (authors.Count > 0 ? authors[0] : null);
    }

    /// <summary>Everybody else who had a hand in it, once: by account, then by address.</summary>
    private static IEnumerable<Trailer> CoAuthors(Change change, Hand? author)
    {
        var (accounts, addresses) = (new HashSet<Account>(), new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        if (author is not null)
        {
            addresses.Add(Place(author));
            if (author.Account is { } account)
                accounts.Add(account);
        }

        foreach (var hand in change.Commits.SelectMany(commit => commit.Hands))
        {
            if ((hand.Account is not { } who || accounts.Add(who)) & addresses.Add(Place(hand)))
                yield return new(CoAuthor, $"{hand.Name} <{hand.Email}>");
        }
    }

    /// <summary>By what somebody is known who has no account; some commits have a name alone.</summary>
    private static string Place(Hand hand) => hand.Email.Length > 0 ? hand.Email : hand.Name;

    /// <summary>Sign-offs, and whatever else the rules demand of commits: what lands must pass where it is proposed for another trunk.</summary>
    private static IEnumerable<Trailer> Kept(Ruleset rules, Change change)
    {
        var keys = rules.Gates.SelectMany(gate => gate.Require.Flatten()).OfType<CarriesTrailer>().Select(gate => gate.Key).Append(SignedOff).Where(key => !key.Equals(CoAuthor, StringComparison.OrdinalIgnoreCase)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        keys.ExceptWith(change.LandingTrailers.Select(trailer => trailer.Key).Concat(["Change", "Revision", "Overridden", "Part-Of"]).Concat(rules.Landing.Trailers.Select(trailer => trailer.Key)));
        return change.Commits.SelectMany(commit => commit.Trailers).Where(trailer => keys.Contains(trailer.Key)).Select(trailer => trailer with { Value = Prose.Line(trailer.Value) }).Distinct();
    }

    /// <summary>A description that ends in what will stand among the trailers, as a commit's words do, does not say it twice.</summary>
    private static string Without(string description, ValueList<Trailer> people, Hand? author)
    {
        var text = description.TrimEnd();
        var at = text.LastIndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var blank ? blank + 2 : 0;
        var said = people.Select(trailer => $"{trailer.Key}: {trailer.Value}").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var named = people.Select(trailer => Address(trailer.Value)).Append(author?.Email ?? "").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var left = text[at..].Split('\n').Where(line => !said.Contains(Prose.Line(line)) && !(line.StartsWith($"{CoAuthor}:", StringComparison.OrdinalIgnoreCase) && named.Contains(Address(line))));
        return $"{text[..at]}{string.Join('\n', left)}";
    }

    private static string Address(string person) => person.LastIndexOf('<') is >= 0 and var open && person.LastIndexOf('>') is var close && close > open ? person[(open + 1)..close] : person;
}
