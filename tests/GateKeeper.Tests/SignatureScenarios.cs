using System.Diagnostics;
using GateKeeper.Commands;
using GateKeeper.Forges;

namespace GateKeeper.Tests;

/// <summary>Signatures where the forge does not tell of them: real keys, real git, and the operator's list of whose keys count.</summary>
public sealed class SignatureScenarios
{
    private const string Rules = """
        version: 1
        groups: { signers: { users: [ann@example.org] }, core: { users: [bob@example.org] } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: signed, require: { signed: { by: signers } } }
        """;

    private string keys = "";

    [OneTimeSetUp]
    public void MakeKeys()
    {
        keys = Directory.CreateTempSubdirectory("gatekeeper-keys-").FullName;
        foreach (var name in (string[])["ann", "bob", "stranger", "old"])
        {
            using var made = Process.Start(new ProcessStartInfo("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", Path.Combine(keys, name)]) { RedirectStandardOutput = true })!;
            made.WaitForExit();
        }
    }

    [OneTimeTearDown]
    public void Forget() => Directory.Delete(keys, recursive: true);

    [Test]
    public async Task What_a_known_key_signed_lands_and_nothing_else_does()
    {
        var signers = await SignersAsync($"# who signs\nann@example.org namespaces=\"git\" {Key("ann")}\nbob@example.org {Key("bob")}\nann@example.org valid-before=\"20200101\" {Key("old")}\n");
        await using var world = await StartAsync(signers);
        var good = await ProposeAsync(world, "good", "ann");
        var others = await ProposeAsync(world, "others", "bob");
        var none = await ProposeAsync(world, "none", null);
        var strange = await ProposeAsync(world, "strange", "stranger");
        var expired = await ProposeAsync(world, "expired", "old", "2019-05-05T00:00:00Z");
        var changed = await ProposeAsync(world, "changed", "ann", change: raw => raw.Replace("Add changed", "Add charged", StringComparison.Ordinal));
        var garbage = await ProposeAsync(world, "garbage", "ann", change: raw => string.Join('\n', raw.Split('\n').Select(line => line.StartsWith(" U1", StringComparison.Ordinal) ? " garbage" : line)));
        var pgp = await ProposeAsync(world, "pgp", null, change: raw => raw.Replace("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEz\n -----END PGP SIGNATURE-----\n\n", StringComparison.Ordinal));
        var odd = await ProposeAsync(world, "odd", null, change: raw => raw.Replace("\n\n", "\ngpgsig hello\n\n", StringComparison.Ordinal));

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add good" }), () => string.Join("; ", world.House.Pictures.SelectMany(picture => picture.Plan.Open).Where(status => status.Change.Id.Value == good).Select(status => Core.Landing.Words.Missing(status.Judgement))));
        Assert.That(Why(world, others), Does.EndWith("is signed by bob@example.org, who is not in signers"));
        Assert.That(Why(world, none), Does.EndWith("is not signed"));
        Assert.That(Why(world, strange), Does.EndWith("is signed by a key that is not among the signers of the settings, or does not count now"));
        Assert.That(Why(world, expired), Does.EndWith("or does not count now"), "what date a commit bears is its author's to write");
        Assert.That(Why(world, changed), Does.EndWith("carries a signature that does not fit it"));
        Assert.That(Why(world, garbage), Does.EndWith("carries a signature that does not fit it"));
        Assert.That(Why(world, pgp), Does.EndWith("is signed by OpenPGP, and the settings name SSH keys only"));
        Assert.That(Why(world, odd), Does.EndWith("carries a signature of no known kind"));

        // The operator names one more key, and what it signed lands.
        await File.AppendAllTextAsync(signers, $"ann@example.org {Key("stranger")}\n");
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Does.Contain("Add strange"));
    }

    [Test]
    public async Task Without_a_list_of_signers_it_waits_and_says_for_what()
    {
        await using var world = await StartAsync(null);
        var change = await ProposeAsync(world, "good", "ann");

        await world.SettleAsync();

        Assert.That(Why(world, change), Is.EqualTo("plain git does not tell of signatures, and the settings name no signers"));
    }

    [Test]
    public async Task The_doctor_says_which_lines_count_for_nobody()
    {
        var settings = new Settings.RepositorySettings { Name = "tool", Forge = "git", Url = "x" };
        Assert.That(MachineDoctor.Signers(settings), Is.Empty);
        Assert.That(await LookAsync($"a@x,b@x {Key("ann")}\n\"c@x,d@x\" namespaces=\"file,git\",valid-after=\"20200101Z\" {Key("bob")} comment\n# nothing\n"), Is.EqualTo("Right: 2 keys"));
        Assert.That(await LookAsync($"a@x {Key("ann")}\nb@x valid-before=\"202001010000\" {Key("bob")}\nc@x namespaces=\"file\" {Key("old")}\n"), Is.EqualTo("Right: 2 keys, 1 of which count now"));
        Assert.That(await LookAsync($"a@x cert-authority {Key("ann")}\n{Key("ann")}\na@x valid-before=\"tomorrow\" {Key("ann")}\nb@x ssh-ed25519 x\n\"\"\n"), Does.StartWith("Wrong: ").And.Contain("line 1: the option cert-authority is not known here").And.Contain("line 2: it is not PRINCIPALS").And.Contain("line 3: the option valid-before").And.Contain("line 4: its key cannot be read").And.Contain("line 5: "));
        Assert.That(await LookAsync("# nobody\n"), Does.StartWith("Wrong: ").And.Contain("no key that counts now"));
        Assert.That(MachineDoctor.Signers(settings with { Signers = Path.Combine(keys, "nowhere") }).Single().State, Is.EqualTo(FindingState.Wrong));

        async Task<string> LookAsync(string text)
        {
            var path = await SignersAsync(text);
            var finding = MachineDoctor.Signers(settings with { Signers = path }).Single();
            return $"{finding.State}: {finding.Why.Replace($"{path} names ", "", StringComparison.Ordinal)}";
        }
    }

    private static async Task<World> StartAsync(string? signers)
    {
        var world = await World.StartAsync(Rules);
        world.Configure(repository => repository with { Signers = signers });
        return world;
    }

    private static string Words(Core.Rules.Judgement judgement) => judgement.Gates.FirstOrDefault(gate => gate.Name == "signed")?.Reason ?? "";

    private static string Why(World world, string change) => Words(world.Status(change).Judgement);

    private async Task<string> ProposeAsync(World world, string branch, string? key, string? date = null, Func<string, string>? change = null)
    {
        world.Time.Pass(TimeSpan.FromSeconds(1));
        world.People.Push(branch, "ann", $"Add {branch}", new Dictionary<string, string?> { [$"{branch}.txt"] = "x\n" });
        var reference = $"refs/heads/{branch}";
        var who = new[] { "-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "gpg.format=ssh" };
        if (key is not null)
        {
            var tree = await world.GitAsync("rev-parse", $"{reference}^{{tree}}");
            var at = date ?? "2026-11-20T12:00:00Z";
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", world.Url, .. who, "-c", $"user.signingkey={Path.Combine(keys, key)}", "commit-tree", "-S", tree, "-p", await world.GitAsync("rev-parse", $"{reference}^"), "-m", $"Add {branch}"])
            {
                RedirectStandardOutput = true, Environment = { ["GIT_AUTHOR_DATE"] = at, ["GIT_COMMITTER_DATE"] = at },
            })!;
            await world.GitAsync("update-ref", reference, (await git.StandardOutput.ReadToEndAsync()).Trim());
        }

        if (change is not null)
        {
            var raw = await world.GitAsync("cat-file", "commit", reference);
            await world.GitAsync("update-ref", reference, await world.GitAsync("hash-object", "-t", "commit", "-w", "--stdin", $"<{change(raw)}"));
        }

        var id = await world.People.ProposeAsync(branch, "ann", default);
        await world.ApproveAsync(id);
        return id;
    }

    private string Key(string name) => string.Join(' ', File.ReadAllText(Path.Combine(keys, $"{name}.pub")).Split(' ').Take(2)).Trim();

    private async Task<string> SignersAsync(string text)
    {
        var path = Path.Combine(keys, $"signers-{Directory.GetFiles(keys).Length}");
        await File.WriteAllTextAsync(path, text);
        return path;
    }
}
