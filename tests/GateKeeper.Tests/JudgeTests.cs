using GateKeeper.Commands;
using GateKeeper.Core.Rules;

namespace GateKeeper.Tests;

/// <summary>A saved change as people write it by hand.</summary>
public sealed class JudgeTests
{
    private const string Sha = "1111111111111111111111111111111111111111";
    private static readonly DateTimeOffset Present = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [TestCase("null", "the file: expected an object, not null")]
    [TestCase("[]", "the file: expected an object, not a list")]
    [TestCase("{", "line 1: this is no JSON: ")]
    public void What_is_no_saved_change_is_told_in_a_sentence(string json, string words) =>
        Assert.That(Errors(json), Has.Exactly(1).Items.And.Some.StartsWith(words));

    [Test]
    public void An_empty_change_is_told_which_fields_it_needs() =>
        Assert.That(Errors("{}"), Is.EquivalentTo(new[] { "version: is missing", "revision: is missing", "author: is missing" }));

    [Test]
    public void Everything_that_is_wrong_is_named_at_once_with_its_place_and_what_was_expected()
    {
        var errors = Errors("""
            { "version": 2, "revision": "HEAD", "draft": "no", "lines": -1, "paths": "src/a.c", "autor": "ana",
              "votes": [{ "by": 5, "value": "approved", "on": "main", "at": "yesterday" }, { "value": "veto" }],
              "requests": [{ "by": "ana" }], "teams": { "core": "erin" }, "tests": { "unit": true } }
            """);

        Assert.That(errors, Is.EquivalentTo(new[]
        {
            "version: expected 1, not 2",
            "revision: expected a commit id of 40 digits, not \"HEAD\"",
            "author: is missing",
            "draft: expected true or false, not \"no\"",
            "lines: expected a whole number from 0, not -1",
            "paths: expected a list, not \"src/a.c\"",
            "votes[0].by: expected a text, not 5",
            "votes[0].value: expected neither, approval, veto or withdrawal, not \"approved\"",
            "votes[0].on: expected a commit id of 40 digits, not \"main\"",
            "votes[0].at: expected a time such as 2026-11-20T12:00:00Z, not \"yesterday\"",
            "votes[1].by: is missing",
            "requests[0].kind: is missing",
            "teams.core: expected a list, not \"erin\"",
            "tests.unit: expected a text, not true",
            "autor: is not known; known are version, now, forge, repository, id, trunk, revision, paths, lines, edits, branch, title, description, co-authors, author, uploader, draft, commits, labels, votes, requests, checks, unknowns, candidate, teams, owners, tests",
        }));
    }

    [TestCase("\"signature\": \"good\", \"signer\": \"Ann\"", "github", "signed by Ann")]
    [TestCase("\"signature\": \"good\", \"signer\": \"eve\"", "git", "1111111111 is signed by eve, who is not in core")]
    [TestCase("\"signature\": \"good\"", "git", "1111111111 is signed by somebody, and the forge knows no one account of that name")]
    [TestCase("\"signature\": \"none\"", "git", "1111111111 is not signed")]
    [TestCase("\"signature\": \"bad\"", "git", "1111111111 carries a signature that is not good")]
    [TestCase("\"message\": \"x\"", "git", "it is not said whether its commits are signed")]
    public void Signatures_are_said_of_each_commit(string fields, string forge, string reason)
    {
        var rules = RulesLoader.Load("version: 1\ngroups: { core: { users: [ann] } }\ngates: [{ name: a, require: { signed: { by: core } } }]\n").Rules!;
        var (now, errors) = SavedChange.Read($$"""{ "version": 1, "forge": "{{forge}}", "author": "ana", "revision": "{{Sha}}", "commits": [{ "sha": "{{Sha}}", {{fields}} }] }""", rules, Present);

        Assert.That(errors, Is.Empty);
        Assert.That(Judge.Of(rules, now!).Gates.Single().Reason, Is.EqualTo(reason));
    }

    [TestCase("\"branch\": \"wip/x\", \"forge\": \"git\"", "it comes from wip/x, and this gate forbids changes from wip/*; it is not known whether this is forbidden: it is not known which repository this is")]
    [TestCase("\"branch\": \"ana:wip/x\", \"repository\": \"Acme/tool\", \"forge\": \"github\"", "it is proposed to Acme/tool, and this gate forbids changes in acme/*")]
    [TestCase("\"branch\": \"wip/x\", \"forge\": \"gerrit\", \"repository\": \"other/tool\"", "it is not known whether this is forbidden: Gerrit does not tell which branch a change comes from")]
    public void The_branch_and_the_repository_are_said_as_the_forge_would(string fields, string reason)
    {
        var rules = RulesLoader.Load("version: 1\ngates: [{ name: a, require: { all: [{ not: { source-branches: [\"wip/*\"] } }, { not: { repositories: [acme/*] } }] } }]\n").Rules!;
        var (now, errors) = SavedChange.Read($$"""{ "version": 1, "author": "ana", "revision": "{{Sha}}", "title": "x", {{fields}} }""", rules, Present);

        Assert.That(errors, Is.Empty);
        Assert.That(Judge.Of(rules, now!).Gates.Single().Reason, Is.EqualTo(reason));
    }

    [Test]
    public void Null_is_as_if_left_out_and_the_time_is_then_the_present()
    {
        var (now, errors) = Read($$"""{ "version": 1, "author": "ana", "revision": "{{Sha}}", "votes": null, "now": null, "uploader": null, "teams": null, "paths": null }""");

        Assert.That(errors, Is.Empty);
        Assert.That(now!.Now, Is.EqualTo(Present));
        Assert.That(now.Change.Votes, Is.Empty);
        Assert.That(now.Change.Paths, Is.Null);
    }

    [TestCase("main", true)]
    [TestCase("release/1", false)]
    public void A_vote_that_was_cast_for_another_target_opens_nothing(string target, bool passes)
    {
        var (now, _) = Read($$"""{ "version": 1, "author": "ana", "uploader": "ana", "revision": "{{Sha}}", "votes": [{ "by": "bob", "value": "approval", "target": "{{target}}", "at": "2026-11-20T11:00:00Z" }] }""");

        Assert.That(now!.Change.Votes[0].At, Is.EqualTo(Present.AddHours(-1)));
        Assert.That(Judge.Of(Rules, now).Passes, Is.EqualTo(passes));
    }

    private static Ruleset Rules { get; } = RulesLoader.Load("""
        version: 1
        groups: { core: { users: [bob] } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core } }
        """).Rules!;

    private static IReadOnlyList<string> Errors(string json) => Read(json).Errors;

    [TestCase("""{"version":1,"author":"ann","revision":"0000000000000000000000000000000000000001","title":"\ud800"}""")]
    [TestCase("""{"version":1,"\udfff":"ann"}""")]
    public void Half_a_character_is_an_error_of_the_file(string json)
    {
        var (now, errors) = Read(json);

        Assert.That(now, Is.Null);
        Assert.That(errors, Has.One.Contains("half a character"));
    }

    private static (Core.Gates.Circumstances? Now, IReadOnlyList<string> Errors) Read(string json) => SavedChange.Read(json, Rules, Present);
}
