namespace GateKeeper.Tests.Stories;

/// <summary>The words that land are those that were judged, whatever they were when the change was first merged and tested.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class WordsThatLand(string forge)
{
    private const string Ticket = @"  - { name: ticket, require: { message: { matches: '\APROJ-\d+: ', in: [title] } } }";
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [TestCase("merge", false)]
    [TestCase("squash", false)]
    [TestCase("squash", true)]
    public async Task The_title_that_was_judged_is_the_title_that_lands(string method, bool anew)
    {
        await using var world = await ForgeWorld.StartAsync(forge, $"landing: {{ method: {method} }}", Ticket);
        world.Needs(Trait.Retitling);
        var change = await world.ProposeAsync("speed", body: "Closes #1");
        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        // Also what an earlier worker merged lands with the words that it has now.
        if (anew)
            await world.CloseAsync();
        await world.RetitleAsync(change, "PROJ-12: make it faster", "Closes #2");
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "PROJ-12: make it faster" }));
        Assert.That(await world.LastWordsAsync(), Does.Contain("Closes #2").And.Not.Contain("Closes #1").And.Not.Contain("Add speed"));
    }

    [TestCase("merge")]
    [TestCase("squash")]
    public async Task What_is_behind_a_change_with_other_words_lands_behind_it(string method)
    {
        await using var world = await ForgeWorld.StartAsync(forge, $"landing: {{ method: {method} }}", Ticket);
        world.Needs(Trait.Retitling);
        var (one, two) = (await world.ProposeAsync("one"), await world.ProposeAsync("two"));
        await world.RetitleAsync(one, "PROJ-1: one");
        await world.RetitleAsync(two, "PROJ-2: two");
        await world.SettleAsync();
        await world.RetitleAsync(one, "PROJ-1: the first one");
        await world.ApproveAsync(one);
        await world.ApproveAsync(two);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EquivalentTo(new[] { "The beginning", "PROJ-1: the first one", "PROJ-2: two" }));
    }

    [Test]
    public async Task A_title_that_names_another_word_of_the_template_stays_as_it_is()
    {
        await using var world = await ForgeWorld.StartAsync(forge, "landing: { message: { subject: '{title}', body: '{description}' } }");
        world.Needs(Trait.Retitling);
        var change = await world.ProposeAsync("speed");
        await world.RetitleAsync(change, "Explain {description} and {author}", "Words of its own");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Explain {description} and {author}"));
    }

    [Test]
    public async Task What_lands_says_who_approved_it_and_where_it_is_and_nothing_that_its_readers_did_not_see()
    {
        await using var world = await ForgeWorld.StartAsync(
            forge, "landing: { method: squash, message: { subject: '{title} ({number})', body: \"{description}\\n\\nReviewed-by: {approvers}\\nLink: {url}\", without-comments: true, without-block: { from: '<!-- notes -->', to: '<!-- /notes -->' } } }");
        var carol = world is OnGitHub ? "carol" : $"Carol <{world.Address("carol")}>";
        var change = await world.ProposeAsync("speed", body: $"<!-- Co-authored-by: {carol} -->\nTwice as fast.\n\n<!-- notes -->\nfor us alone\n<!-- /notes -->\n\nSee <!-- whatever --> the numbers.");
        await world.ApproveAsync(change, "carol");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning), "who is named in words that do not land made it all the same");

        await world.ApproveAsync(change);
        await world.SettleAsync();

        var landed = await world.LastWordsAsync();
        var id = change.Length == 40 ? change[..10] : change;
        Assert.That(landed, Does.StartWith($"Add speed ({id})\n\nTwice as fast.\n\nSee the numbers.\n\n"));
        Assert.That(Trailers(landed, "Reviewed-by"), Is.EqualTo(new[] { world.Called("bob") }), landed);
        Assert.That(Trailers(landed, "Link"), world.PageOf is { } page ? Has.One.Match($@"\Ahttp://127\.0\.0\.1:\d+/{page}{change}\z") : Is.Empty, landed);
        Assert.That(Trailers(landed, "Change"), Is.EqualTo(new[] { change }), landed);
    }

    [TestCase("squash", "Nothing of it")]
    [TestCase("merge", "Nothing of it")]
    public async Task What_people_write_forges_no_trailer_of_the_gates(string method, string words)
    {
        await using var world = await ForgeWorld.StartAsync(forge, $"landing: {{ method: {method} }}");
        world.Needs(Trait.Retitling);
        var change = await world.ProposeAsync("speed");
        await world.RetitleAsync(change, "Make it faster", $"{words}\n\nChange: 99\nRevision: {new string('a', 40)}\n---\n\nand more");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        var landed = await world.LastWordsAsync();
        Assert.That(Trailers(landed, "Change"), Is.EqualTo(new[] { change }), landed);
        Assert.That(landed, Does.Contain(words).And.Contain("and more"));
    }

    /// <summary>As git's own reader finds them, which takes three dashes for the end of the words.</summary>
    private static string[] Trailers(string message, string key)
    {
        using var git = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("git", ["interpret-trailers", "--parse"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        git.StandardInput.Write(message);
        git.StandardInput.Close();
        return [.. git.StandardOutput.ReadToEnd().Split('\n').Where(line => line.StartsWith($"{key}: ", StringComparison.Ordinal)).Select(line => line[(key.Length + 2)..])];
    }

    [TestCase("squash")]
    [TestCase("merge")]
    public async Task A_change_is_its_authors_and_everybody_else_is_named_once(string method)
    {
        await using var world = await ForgeWorld.StartAsync(forge, $"landing: {{ method: {method} }}", "  - { name: signed, require: { trailer: Signed-off-by } }");
        world.Needs(Trait.Commits);
        var change = await world.ProposeAsync("feature", body: "Signed-off-by: ana <ana@example.org>");
        await world.AddAsync(change, "bob", "Mend it\n\nSigned-off-by: bob <bob@example.org>\nCo-authored-by: Ana <ana@example.org>", "bob.txt");
        await world.AddAsync(change, "ana", "Go on\n\nCo-authored-by: Bob <bob@example.org>\nCo-authored-by: bob <bob@example.org>\nSigned-off-by: ana <ana@example.org>", "ana.txt");
        await world.AddAsync(change, "erin", "Fix a typo\n\nSigned-off-by: erin <erin@example.org>", "typo.txt");
        await world.ApproveAsync(change, "carol");

        await world.SettleAsync();

        var (author, words) = ((await world.TipAsync()).Author, await world.LastWordsAsync());
        Assert.That(author, Is.EqualTo("ana"), words);
        if (method == "merge")
            return;
        Assert.That(Trailers(words, "Co-authored-by"), Is.EqualTo(new[] { "bob <bob@example.org>", "erin <erin@example.org>" }), words);
        Assert.That(Trailers(words, "Signed-off-by"), Is.EqualTo(new[] { "ana <ana@example.org>", "bob <bob@example.org>", "erin <erin@example.org>" }), words);
        Assert.That(words.Split('\n').Count(line => line.Contains("ana@example.org", StringComparison.Ordinal)), Is.EqualTo(1), words);
    }

    [Test]
    public async Task One_trunk_is_merged_into_another_with_what_the_gate_landed_there()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        foreach (var name in (string[])["one", "two", "three"])
            await world.ApproveAsync(await world.ProposeAsync(name, target: "stable"));
        await world.SettleAsync();
        await world.SettleAsync();
        var join = await world.ProposeMergeAsync("stable", "main");
        await world.ApproveAsync(join);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Merge stable into main" }));
    }
}
