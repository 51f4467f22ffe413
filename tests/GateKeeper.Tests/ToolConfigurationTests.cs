using System.Text.RegularExpressions;
using GateKeeper.Runs;

namespace GateKeeper.Tests;

/// <summary>What of the machine's /etc a run sees: what tools need, and no secrets.</summary>
public sealed partial class ToolConfigurationTests
{
    private string etc = null!;
    private string made = null!;

    [SetUp]
    public void Make()
    {
        etc = Directory.CreateTempSubdirectory("gatekeeper-etc-").FullName;
        made = Directory.CreateTempSubdirectory("gatekeeper-made-").FullName;
    }

    [TearDown]
    public void Remove()
    {
        Directory.Delete(etc, recursive: true);
        Directory.Delete(made, recursive: true);
    }

    [Test]
    public void A_tools_configuration_is_shown_and_what_can_hold_a_secret_is_not()
    {
        foreach (var name in (string[])["maven/m2.conf", "php/8.2/cli/php.ini", "fonts/fonts.conf", "java-17-openjdk/security/java.security", "services"])
            Put(name);
        foreach (var name in (string[])["maven/settings.xml", "shadow", "npmrc", "pip.conf", "gitconfig", "ssh/ssh_config", "ssl/private/key.pem", "mysql/debian.cnf", "gatekeeper/settings.json", "hosts", "machine-id", "environment",
            "php/8.2/fpm/pool.d/www.conf", "php/8.2/apache2/php.ini", "R/Renviron.site", "perl/CPAN/Config.pm", "chromium/policies/managed/token.json"])
            Put(name);
        Put("php/8.2/cli/conf.d/secret.ini", UnixFileMode.UserRead);
        Put("chromium.d/private/flags");
        File.SetUnixFileMode(Path.Combine(etc, "chromium.d/private"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);

        File.WriteAllBytes(Path.Combine(etc, "fonts/large.conf"), new byte[(4 << 20) + 1]);

        new ToolConfiguration(etc).Write(made, []);

        Assert.That(File.Exists(Path.Combine(made, "alone/fonts/large.conf")), Is.False);
        var texts = Directory.GetFiles(Path.Combine(made, "alone"), "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).LinkTarget is null && File.ReadAllText(file) == "theirs").Select(file => Path.GetRelativePath(Path.Combine(made, "alone"), file));
        Assert.That(texts, Is.EquivalentTo(new[] { "maven/m2.conf", "php/8.2/cli/php.ini", "fonts/fonts.conf", "java-17-openjdk/security/java.security", "services" }));
    }

    [Test]
    public void Links_stay_links_so_that_they_lead_to_nothing_that_is_not_shown()
    {
        Put("secret");
        Directory.CreateDirectory(Path.Combine(etc, "fonts"));
        File.CreateSymbolicLink(Path.Combine(etc, "fonts", "way"), "../secret");
        File.CreateSymbolicLink(Path.Combine(etc, "localtime"), "/usr/share/zoneinfo/Etc/UTC");

        new ToolConfiguration(etc).Write(made, []);

        Assert.That(new FileInfo(Path.Combine(made, "alone", "localtime")).LinkTarget, Is.EqualTo("/usr/share/zoneinfo/Etc/UTC"));
        Assert.That((new FileInfo(Path.Combine(made, "alone", "fonts", "way")).LinkTarget, File.Exists(Path.Combine(made, "alone", "secret"))), Is.EqualTo(("../secret", false)));
    }

    [Test]
    public void Only_with_the_network_is_the_world_asked_for_names()
    {
        new ToolConfiguration(etc).Write(made, []);

        string Text(string file) => File.ReadAllText(Path.Combine(made, file));
        Assert.That(Text("alone/nsswitch.conf"), Does.Contain("hosts: files\n"));
        Assert.That(Text("network/nsswitch.conf"), Does.Contain("hosts: files dns\n"));
        Assert.That(File.Exists(Path.Combine(made, "alone/resolv.conf")), Is.False);
        Assert.That(Text("network/resolv.conf"), Is.EqualTo("nameserver 10.0.2.3\n"));
        Assert.That(Text("alone/hosts"), Does.Contain("127.0.0.1\tlocalhost\n127.0.1.1\tgatekeeper\n::1\tlocalhost "));
    }

    [Test]
    public void Another_configuration_makes_other_keys()
    {
        Put("fonts/fonts.conf");
        var before = new ToolConfiguration(etc).Look;

        Put("fonts/more.conf");

        Assert.That(new ToolConfiguration(etc).Look, Is.Not.EqualTo(before));
    }

    [Test]
    public async Task What_the_operator_shows_of_etc_is_shown_beside_it()
    {
        Assume.That(File.Exists("/etc/login.defs"));
        await using var room = new RunRoom(["/etc/login.defs:ro"]);

        var run = await room.RunAsync(new() { Name = "unit", Run = "test -s /etc/login.defs && test ! -e /etc/shadow && ! touch /etc/mine 2>/dev/null && ls /etc", Timeout = TimeSpan.FromSeconds(30) });

        Assert.That(run.Outcome, Is.EqualTo("Passed"), $"{run.Summary}\n{run.Log}");
    }

    [Test]
    public void The_page_names_all_that_is_shown_and_nothing_else()
    {
        var page = File.ReadAllText(Path.Combine(HouseRules.Root, "docs", "runners.md"));
        var list = page[page.IndexOf("<!-- shown -->", StringComparison.Ordinal)..page.IndexOf("<!-- end -->", StringComparison.Ordinal)];

        Assert.That(Names().Matches(list).Select(match => match.Groups[1].Value), Is.EquivalentTo(ToolConfiguration.Shown.Concat(ToolConfiguration.Live)));
    }

    private void Put(string name, UnixFileMode? mode = null)
    {
        var path = Path.Combine(etc, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "theirs");
        if (mode is { } wanted)
            File.SetUnixFileMode(path, wanted);
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Names();
}
