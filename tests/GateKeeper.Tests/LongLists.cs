using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Status;
using Microsoft.AspNetCore.Http;

namespace GateKeeper.Tests;

/// <summary>The page where thousands of changes are open.</summary>
public sealed partial class LongLists
{
    [Test]
    public void The_overview_shows_the_first_of_thousands_and_leads_to_the_others()
    {
        var shown = Pages.Overview([Picture("tool", 2000), Picture("other", 3)], [], [], []).ToString();

        Assert.That(Rows(shown), Is.EqualTo(20 + 20 + 3), "of the queue, of the others, and of the other trunk");
        Assert.That(shown.Length, Is.LessThan(60_000));
        Assert.That(shown, Does.Contain("<a href=\"/trunk/tool/release/1#open\">all 1,800</a>").And.Contain("<a href=\"/trunk/tool/release/1#queue\">all 200</a>"));
        Assert.That(shown, Does.Contain("<a href=\"/trunk/tool/release/1\">tool/release/1</a>: 200 in the queue, 1,800 other open changes"));
        Assert.That(shown, Does.Contain("waiting 1,300</a>").And.Contain("conflict 500</a>"));
    }

    [Test]
    public void Each_change_is_on_one_part_of_the_list_and_links_keep_what_else_was_chosen()
    {
        var picture = Picture("tool", 2000);
        var seen = new List<string>();
        var (next, pages) = ("?queue=2&stands=waiting&still", 0);
        for (; next.Length > 0; pages++)
        {
            var page = Page(picture, next);
            var list = page[page.IndexOf("id=\"open\"", StringComparison.Ordinal)..];
            seen.AddRange(Titles().Matches(list).Select(match => match.Groups[1].Value));
            Assert.That(page, Does.Contain("page 2 of 4"), "of the queue");
            Assert.That(Rows(page), Is.LessThanOrEqualTo(100));
            next = Next().Match(list) is { Success: true } match ? System.Net.WebUtility.HtmlDecode(match.Groups[1].Value).Split('#')[0] : "";
        }

        Assert.That((pages, seen.Count, seen.Distinct().Count()), Is.EqualTo((26, 1300, 1300)));
    }

    [TestCase("?open=99999", "page 36 of 36")]
    [TestCase("?open=-1", "page 1 of 36")]
    [TestCase("?open=99999999999999999999", "page 1 of 36")]
    [TestCase("?open=x&queue=", "page 1 of 36")]
    [TestCase("?stands=%3Cscript%3E", "None that stands so.")]
    [TestCase("?stands=conflict&open=5", "201 to 250 of 500")]
    public void What_does_not_exist_is_the_nearest_that_does(string query, string shown) =>
        Assert.That(Page(Picture("tool", 2000), query), Does.Contain(shown).And.Not.Contain("<script>"));

    [Test]
    public void A_page_that_stands_still_goes_on_where_it_is()
    {
        var asked = Asked("?open=3&stands=tests%20failed&still");
        var (still, running) = (Pages.Layout("t", Html.None, Refresh.Stopped, asked).ToString(), Pages.Layout("t", Html.None, Refresh.Running, asked with { Still = false }).ToString());

        Assert.That(still, Does.Contain("href=\"?open=3&amp;stands=tests%20failed\">go on"));
        Assert.That(running, Does.Contain("href=\"?open=3&amp;stands=tests%20failed&amp;still\">stand still").And.Contain("http-equiv=\"refresh\" content=\"5\""));
    }

    [Test]
    public void Much_that_is_missing_is_cut_in_lists()
    {
        var shown = Page(Picture("tool", 1, missing: 30), "");

        Assert.That(shown, Does.Contain("and 27 more"));
        Assert.That(shown.Length, Is.LessThan(8000));
    }

    [Test]
    public void What_waits_for_one_person_comes_in_parts_too()
    {
        var waiting = Picture("tool", 500).Plan.Open.Where(status => status.Place is null).Select(status => new Found.Open(Picture("tool", 1), status)).ToList();
        var shown = Pages.For("bob", waiting, new HashSet<string>(), Asked("?open=2")).ToString();

        Assert.That(Rows(shown), Is.EqualTo(100));
        Assert.That(shown, Does.Contain("(450)").And.Contain("101 to 200 of 450").And.Contain("href=\"?open=3\">next"));
    }

    private static string Page(TrunkPicture picture, string query) => TrunkPages.Whole(picture, Asked(query)).ToString();

    private static ListQuery Asked(string query) => ListQuery.Of(new DefaultHttpContext { Request = { QueryString = new(query) } }.Request);

    private static int Rows(string shown) => shown.Split("<tr><td>").Length - 1;

    /// <summary>A trunk of which one change in ten is in the queue, and one in four of the others conflicts.</summary>
    private static TrunkPicture Picture(string repository, int count, int missing = 2)
    {
        var open = Enumerable.Range(0, count).Select(at => Standing(at, at % 10 == 0 && count > 3 ? (at / 10) + 1 : null, at % 4 == 1 && at % 10 != 0 ? "conflict" : "waiting", missing)).ToList();
        return new(repository, "release/1", new(new('a', 40)), new Plan([], [], [], new(() => [.. open])), null, new(), null, DateTimeOffset.UnixEpoch);
    }

    private static Progress Standing(int at, int? place, string outcome, int missing)
    {
        var commit = new CommitSha(at.ToString("x40", System.Globalization.CultureInfo.InvariantCulture));
        var change = new Change { Id = new($"{at}"), Number = $"#{at}", Title = $"Change {at:d4}", Current = new(new($"{at}"), commit), Target = "release/1", Author = new("ann") };
        var gates = Enumerable.Range(0, missing).Select(number => Verdict.Wait($"g{number}", $"what {number} demands of change {at} is missing still: {new string('x', 400)}", "bob"));
        return new(change, outcome, "", new(change.Current, [.. gates], [])) { Place = place };
    }

    [GeneratedRegex("<tr><td><a href=\"[^\"]*\">(Change [0-9]+)<", RegexOptions.NonBacktracking)]
    private static partial Regex Titles();

    [GeneratedRegex("<a href=\"([^\"]*)\">next<", RegexOptions.NonBacktracking)]
    private static partial Regex Next();
}
