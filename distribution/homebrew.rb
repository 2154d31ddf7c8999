# Made by `make release` for one version: docs/release.md.
class EcrCrossaccount < Formula
  desc "Says exactly what someone outside your AWS account can do to an ECR repository"
  homepage "@ADDRESS@"
  url "@ADDRESS@/releases/download/v@VERSION@/@FILE@"
  sha256 "@SHA256@"
  license "Apache-2.0"

  depends_on "python@3.13"

  def install
    python = Formula["python@3.13"].opt_bin/"python3.13"
    pip = %w[-m pip install --no-input --disable-pip-version-check]
    # What builds the wheel does not stay. Both locks hold hashes.
    system python, "-m", "venv", buildpath/"build"
    system buildpath/"build/bin/python", *pip, "--require-hashes", "-r", "requirements/build.txt"
    system buildpath/"build/bin/python", "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"
    system python, "-m", "venv", libexec
    system libexec/"bin/python", *pip, "--require-hashes", "-r", "requirements/command.txt"
    system libexec/"bin/python", *pip, "--no-deps", *Dir["dist/*.whl"]
    bin.install_symlink libexec/"bin/ecr-crossaccount"
    generate_completions_from_executable(bin/"ecr-crossaccount", "completion", shells: [:bash, :zsh, :fish])
  end

  test do
    assert_equal "ecr-crossaccount #{version}\n", shell_output("#{bin}/ecr-crossaccount --version")
    (testpath/"policy.json").write <<~JSON
      {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}}
    JSON
    command = "#{bin}/ecr-crossaccount judge --owner 111122223333 --no-trust policy.json"
    assert_match "NON_COMPLIANT", shell_output(command, 1)
  end
end
