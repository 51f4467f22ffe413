using System.Security.Cryptography;
using System.Text;
using GateKeeper.Core.Changes;

namespace GateKeeper.Runs;

/// <summary>
/// What a run sees in /etc: a copy, made once, of the configuration of installed tools that is known to hold no secrets, and the sandbox's
/// own files. What is not for everybody to read is left out, also where the worker's account may read it.
/// </summary>
internal sealed class ToolConfiguration
{
    private const long Largest = 4 << 20;

    // It holds nothing that the fonts do not say, and changes when somebody looks at them.
    private const string FontCache = "/var/cache/fontconfig";
    private static readonly Lazy<ToolConfiguration> OfThisMachine = new(() => new("/etc"));
    private readonly List<Entry> entries;

    /// <param name="etc">Where the machine's configuration lies.</param>
    public ToolConfiguration(string etc)
    {
        entries = [.. Shown.SelectMany(name => Found(etc, name)).SelectMany(name => Read(etc, name))];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in entries)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name}\0{(int)entry.Mode}\0{entry.Link}\0{entry.Content?.Length}\0"));
            hash.AppendData(entry.Content ?? []);
        }

        Look = string.Join('\n', Live.Where(path => path != FontCache).Select(Machine.Look).Prepend(Convert.ToHexStringLower(hash.GetHashAndReset())));
    }

    /// <summary>As it was when it was first asked for: what runs see is what their keys say.</summary>
    public static ToolConfiguration Here => OfThisMachine.Value;

    /// <summary>
    /// Within those folders, what can hold a password or a token: services' variables, and what operators set for everybody's programs.
    /// </summary>
    private static readonly PatternList Withheld = PatternList.Of("{php/*/{fpm,apache2},R/{Renviron,Rprofile}.site,perl/CPAN,{chromium,firefox,firefox-esr}/policies}");

    /// <summary>
    /// The files and folders of /etc that runs see, where the machine has them; `*` stands for any part of a name. A tool's file that can
    /// hold a password, a token or an address with one in it (Maven's settings.xml, npmrc, pip.conf, gitconfig) is not among them.
    /// </summary>
    public static IReadOnlyList<string> Shown { get; } =
    [
        "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "locale.alias", "locale.conf", "os-release", "debian_version", "lsb-release", "redhat-release",
        "services", "protocols", "networks", "rpc", "ethertypes", "host.conf", "gai.conf", "netconfig", "shells",
        "mime.types", "mailcap", "magic", "magic.mime", "terminfo", "inputrc",
        "ssl/openssl.cnf", "crypto-policies", "pki/tls/openssl.cnf", "pki/tls/certs", "pki/tls/cert.pem", "pki/java",
        "dotnet", "java", "java-*", "maven/m2.conf", "maven/logging", "ant.conf", "ant.d", "groovy", "perl", "php", "php.ini", "php.d", "python3", "python3.*",
        "R", "octave*", "julia", "emacs", "fpc.cfg", "fpc-*.cfg", "gnucobol*", "ldc2.conf", "nim", "sbclrc", "sbcl.rc", "gdb", "gprofng.rc", "lcovrc",
        "fonts", "matplotlibrc", "texmf", "papersize", "groff", "asciidoc", "sgml", "xml", "ImageMagick-*", "ghostscript",
        "chromium", "chromium.d", "firefox", "firefox-esr", "X11/fonts", "X11/app-defaults", "X11/rgb.txt", "gtk-*", "glvnd", "vulkan", "OpenCL", "drirc",
        "alsa", "asound.conf",
    ];

    /// <summary>
    /// What runs see as it is on the machine at that time, since it changes with /usr: which program a name stands for, where libraries lie,
    /// whom TLS trusts, and what some tools keep in /var.
    /// </summary>
    public static IReadOnlyList<string> Live { get; } =
    [
        "/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl/certs", "/etc/ca-certificates/extracted", "/etc/pki/ca-trust/extracted",
        "/var/lib/gems", "/var/lib/ghc", "/var/lib/chicken", "/var/lib/aspell", "/var/lib/ispell", "/var/lib/texmf", FontCache,
    ];

    /// <summary>Stands for all of this: part of every key.</summary>
    public string Look { get; }

    /// <summary>Makes the two folders that runs are shown as /etc: with the network, and without.</summary>
    /// <param name="folder">Where they are made.</param>
    /// <param name="mounts">What the operator shows to runs: what lies in /etc needs a place there to be mounted at.</param>
    public void Write(string folder, IEnumerable<string> mounts)
    {
        var places = Live.Concat(mounts.Select(mount => mount.Split(':')[0].TrimEnd('/'))).Where(path => path.StartsWith("/etc/", StringComparison.Ordinal) && Path.Exists(path)).ToList();
        foreach (var network in (bool[])[false, true])
        {
            var place = Folder(folder, network);
            Files.Delete(place);
            Make(place);
            foreach (var entry in entries.Concat(SystemFiles.Of(network)))
                Write(Path.Combine(place, entry.Name), entry);
            foreach (var path in places)
                Write(Path.Combine(place, path["/etc/".Length..]), Directory.Exists(path) ? Entry.Folder("") : Entry.File("", []));
        }
    }

    public static string Folder(string folder, bool network) => Path.Combine(folder, network ? "network" : "alone");

    private static IEnumerable<string> Found(string etc, string name) =>
        !name.Contains('*', StringComparison.Ordinal) ? [name]
        : Directory.Exists(etc) ? Directory.GetFileSystemEntries(etc, name).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
        : [];

    private static IEnumerable<Entry> Read(string etc, string name)
    {
        FileSystemInfo entry = Directory.Exists(Path.Combine(etc, name)) ? new DirectoryInfo(Path.Combine(etc, name)) : new FileInfo(Path.Combine(etc, name));
        if (entry.LinkTarget is { } target)
            return [new(name, UnixFileMode.None, null, target)];
        if (!entry.Exists || Withheld.Matches(name))
            return [];
        try
        {
            return entry is FileInfo file
                ? entry.UnixFileMode.HasFlag(UnixFileMode.OtherRead) && file.Length <= Largest ? [Entry.File(name, File.ReadAllBytes(file.FullName), entry.UnixFileMode)] : []
                : entry.UnixFileMode.HasFlag(UnixFileMode.OtherRead | UnixFileMode.OtherExecute)
                    ? [Entry.Folder(name), .. ((DirectoryInfo)entry).GetFileSystemInfos().OrderBy(below => below.Name, StringComparer.Ordinal).SelectMany(below => Read(etc, $"{name}/{below.Name}"))]
                    : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // gone in between, or no plain file
        }
    }

    private static void Write(string path, Entry entry)
    {
        if (entry.Content is null && entry.Link is null)
        {
            Make(path);
            return;
        }

        Make(Path.GetDirectoryName(path)!);
        if (new FileInfo(path).LinkTarget is not null)
            File.Delete(path);
        if (entry.Link is { } target)
        {
            File.CreateSymbolicLink(path, target);
            return;
        }

        File.WriteAllBytes(path, entry.Content!);
        File.SetUnixFileMode(path, entry.Mode);
    }

    /// <summary>Whatever the worker's own mask is.</summary>
    private static void Make(string folder)
    {
        if (Directory.Exists(folder))
            return;
        Make(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, Entry.Open);
    }

    /// <summary>A file, a link or (with neither content nor link) a folder.</summary>
    internal sealed record Entry(string Name, UnixFileMode Mode, byte[]? Content, string? Link)
    {
        public const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        public const UnixFileMode Open = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

        public static Entry Folder(string name) => new(name, Open, null, null);

        public static Entry File(string name, byte[] content, UnixFileMode mode = Plain) => new(name, mode.HasFlag(UnixFileMode.OtherExecute) ? Open : Plain, content, null);
    }
}
